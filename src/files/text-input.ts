import { TextDecoder } from 'node:util';
import { SpeechError } from '../../base/errors.js';

/**
 * Checks a text that is to be spoken.
 *
 * @param text - Any string.
 * @param maxCharacters - The limit in UTF-16 units, as OpenAI counts.
 * @returns The text, with each half of a broken surrogate pair replaced by U+FFFD; as long as before.
 * @throws {SpeechError} `TEXT_EMPTY` if there is nothing but white space, `TEXT_TOO_LONG` above the
 * limit. Neither repeats the text.
 */
export function checkText(text: string, maxCharacters = Infinity): string {
  if (text.trim() === '') {
    throw new SpeechError('TEXT_EMPTY', 'input is empty; it must hold text to speak.');
  }
  if (text.length > maxCharacters) {
    throw new SpeechError(
      'TEXT_TOO_LONG',
      `input has ${text.length} characters; at most ${maxCharacters} are accepted.`,
      { numCharacters: text.length, maxCharacters },
    );
  }
  return replaceLoneSurrogates(text);
}

/**
 * Decodes text as it arrives.
 *
 * @param bytes - UTF-8, cut anywhere; a byte order mark at the start is dropped.
 * @returns The text in pieces, none of them empty.
 * @throws {SpeechError} `TEXT_INVALID` if it is not UTF-8, `TEXT_EMPTY` at the end if there was
 * nothing but white space.
 */
export async function* decodeText(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let hasText = false;
  for await (const part of bytes) {
    const text = decode(decoder, part);
    hasText ||= text.trim() !== '';
    if (text !== '') {
      yield text;
    }
  }
  decode(decoder, undefined);
  if (!hasText) {
    throw new SpeechError('TEXT_EMPTY', 'The input is empty; it must hold text to speak.');
  }
}

function decode(decoder: TextDecoder, bytes: Uint8Array | undefined): string {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
  } catch (cause) {
    throw new SpeechError('TEXT_INVALID', 'The input is not UTF-8 text.', {}, { cause });
  }
}

function replaceLoneSurrogates(text: string): string {
  // with the u flag a pair is one character, so this class matches only halves without a partner
  return text.replace(/[\ud800-\udfff]/gu, '\ufffd');
}
