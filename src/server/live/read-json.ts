import { SpeechError } from '../../../base/errors.js';

/**
 * Reads a message's JSON.
 *
 * @param message - As it came.
 * @returns Whatever the JSON holds.
 * @throws {SpeechError} `BODY_INVALID` if it is binary or no JSON.
 */
export function readJson(message: string | Uint8Array): unknown {
  if (typeof message !== 'string') {
    throw new SpeechError(
      'BODY_INVALID',
      'The message is binary; it must be JSON in a text frame.',
    );
  }
  try {
    return JSON.parse(message);
  } catch {
    throw new SpeechError('BODY_INVALID', 'The message is not JSON.');
  }
}
