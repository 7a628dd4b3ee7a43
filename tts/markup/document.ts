import { extname } from 'node:path';
import { SpeechError } from '../../base/errors.js';
import type { VoiceInfo } from '../types.js';
import { resolveVoice } from '../voices/resolve-voice.js';
import { MARKUP_FORMATS, parseDocument, type MarkupFormat, type ParsedDocument } from './index.js';

export type { ParsedDocument };

/** What a text to be spoken can be written in. */
export const INPUT_FORMATS = ['text', ...MARKUP_FORMATS] as const;

/** One of {@link INPUT_FORMATS}. */
export type InputFormat = (typeof INPUT_FORMATS)[number];

const FORMATS_BY_EXTENSION: Readonly<Record<string, MarkupFormat>> = {
  '.md': 'markdown',
  '.markdown': 'markdown',
  '.html': 'html',
  '.htm': 'html',
  '.ssml': 'ssml',
  '.xml': 'ssml',
};

/** @param path - A file's name. @returns What it is written in by its extension, `text` if unknown. */
export function inputFormatOfPath(path: string): InputFormat {
  return FORMATS_BY_EXTENSION[extname(path).toLowerCase()] ?? 'text';
}

/**
 * Reads a document that is to be spoken.
 *
 * @param text - The whole document.
 * @param format - What it is written in.
 * @param voices - The engine's voices; the document may call them by any name.
 * @returns Its segments, with the ids of voices, and what was passed over.
 * @throws {SpeechError} `MARKUP_INVALID`, `TEXT_TOO_LONG`, `VOICE_UNKNOWN`; `TEXT_EMPTY` if it holds
 * no text.
 */
export function readDocument(
  text: string,
  format: MarkupFormat,
  voices: readonly VoiceInfo[],
): ParsedDocument {
  const { segments, warnings } = parseDocument(text, format);
  if (!segments.some((segment) => segment.text !== '')) {
    throw new SpeechError('TEXT_EMPTY', 'input has no text outside its markup.');
  }
  const resolved = segments.map(({ voice, ...segment }) =>
    voice === undefined ? segment : { ...segment, voice: resolveVoice(voice, voices) },
  );
  return { segments: resolved, warnings };
}

/** @param document - A document. @returns What it says, as one text; `[[ ]]` may hold phones. */
export function textOf({ segments }: Pick<ParsedDocument, 'segments'>): string {
  return segments.map(({ text }) => text).join('\n\n');
}
