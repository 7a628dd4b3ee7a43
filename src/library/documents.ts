import { SpeechError } from '../../base/errors.js';
import type { MarkupFormat, ParsedDocument } from '../../tts/markup/index.js';
import type { Dictionary } from '../../tts/text/dictionary.js';
import type { VoiceInfo } from '../../tts/types.js';

/**
 * Reads a document for `Engine.speak`.
 *
 * @param text - The whole document, at most 2,000,000 characters.
 * @param format - `markdown`, `html` or `ssml`.
 * @param engine - Whose voices the document may name.
 * @returns Its segments, and warnings about what was passed over.
 * @throws {SpeechError} `OPTION_INVALID` for another format; `MARKUP_INVALID`, `TEXT_TOO_LONG`,
 * `VOICE_UNKNOWN`; `TEXT_EMPTY` if it holds no text.
 */
export async function readDocument(
  text: string,
  format: MarkupFormat,
  engine: { readonly voices: readonly VoiceInfo[] },
): Promise<ParsedDocument> {
  // the parsers are loaded by those who have documents
  const { MARKUP_FORMATS } = await import('../../tts/markup/index.js');
  if (!MARKUP_FORMATS.includes(format)) {
    throw new SpeechError(
      'OPTION_INVALID',
      `format is ${JSON.stringify(format)}; it must be one of ${MARKUP_FORMATS.join(', ')}.`,
    );
  }
  const reader = await import('../../tts/markup/document.js');
  return reader.readDocument(text, format, engine.voices);
}

/**
 * Reads a dictionary for `SpeakOptions.dictionary`.
 *
 * @param path - Lines of words and pronunciations, or the W3C's Pronunciation Lexicon Specification;
 * at most 10 MB and 100,000 entries.
 * @returns The dictionary.
 * @throws {SpeechError} `FILE_NOT_FOUND`, `FILE_READ_FAILED`; `OPTION_INVALID` if it cannot be
 * understood, with the file's name and the line.
 */
export async function readDictionary(path: string): Promise<Dictionary> {
  const reader = await import('../../tts/text/dictionary-file.js');
  return reader.readDictionary(path);
}
