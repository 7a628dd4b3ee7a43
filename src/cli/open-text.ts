import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { SpeechError, toSpeechError } from '../../base/errors.js';
import { checkText, decodeText } from '../files/text-input.js';
import { STANDARD_STREAM } from './standard-streams.js';

/**
 * Opens the text that a command is given.
 *
 * @param words - Its arguments; a single - also stands for standard input.
 * @param input - A file, or - for standard input; without it and words, standard input.
 * @returns The text, or its pieces as they arrive.
 * @throws {SpeechError} `OPTION_INVALID`, `TEXT_EMPTY`, `FILE_NOT_FOUND`, `FILE_READ_FAILED`; the pieces
 * throw what `decodeText` does.
 */
export async function openText(
  words: string[],
  input: string | undefined,
): Promise<string | AsyncIterable<string>> {
  if (words.length === 1 && words[0] === STANDARD_STREAM && input === undefined) {
    return decodeText(process.stdin);
  }
  if (words.length > 0) {
    if (input !== undefined) {
      throw new SpeechError('OPTION_INVALID', 'Give the text or --input, not both.');
    }
    return checkText(words.join(' '));
  }
  if (input !== undefined && input !== STANDARD_STREAM) {
    const stats = await stat(input).catch((error: unknown) => {
      throw toSpeechError(error);
    });
    if (stats.isDirectory()) {
      throw new SpeechError('FILE_READ_FAILED', `${input} is a directory, not a text.`, {
        path: input,
      });
    }
    return decodeText(createReadStream(input));
  }
  if (input === undefined && process.stdin.isTTY) {
    throw new SpeechError('TEXT_EMPTY', 'Give a text to speak, or --input FILE.');
  }
  return decodeText(process.stdin);
}

/**
 * Reads a text to its end.
 *
 * @param text - What {@link openText} gave.
 * @returns The whole text.
 * @throws {SpeechError} What `decodeText` throws.
 */
export async function joinText(text: string | AsyncIterable<string>): Promise<string> {
  if (typeof text === 'string') {
    return text;
  }
  const parts: string[] = [];
  for await (const part of text) {
    parts.push(part);
  }
  return parts.join('');
}
