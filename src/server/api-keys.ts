import { readFileSync } from 'node:fs';
import { SpeechError, toSpeechError } from '../../base/errors.js';

/** A key and whose it is. */
export type ApiKey = {
  /** What logs and metrics call the caller: letters, digits, `_`, `.` and `-`, at most 60. */
  name: string;
  /** The secret, without white space. */
  key: string;
};

/** Which names callers may have; they become values of labels and fields. */
export const CALLER_NAME = /^[\w.-]{1,60}$/;

/**
 * Reads a file of API keys: a line `name key` for each, empty lines and those that begin with `#`
 * apart. A name may have several keys, so that one can be replaced while the other still holds.
 *
 * @param path - The file.
 * @returns The keys, at least one.
 * @throws {SpeechError} `FILE_NOT_FOUND`, `FILE_READ_FAILED`; `OPTION_INVALID` with the number of the
 * line, never with what stands in it.
 */
export function readApiKeys(path: string): ApiKey[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    throw toSpeechError(thrown);
  }
  const keys: ApiKey[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) {
      continue;
    }
    const [name = '', key = '', ...rest] = trimmed.split(/\s+/);
    if (!CALLER_NAME.test(name) || key === '' || rest.length > 0) {
      throw new SpeechError(
        'OPTION_INVALID',
        `${path}: line ${index + 1} must be a name (letters, digits, "_", "." and "-", at most 60) and a key without spaces.`,
        { option: 'apiKeys', line: index + 1 },
      );
    }
    keys.push({ name, key });
  }
  if (keys.length === 0) {
    throw new SpeechError(
      'OPTION_INVALID',
      `${path} holds no keys; it must have a line "name key" for each.`,
      { option: 'apiKeys' },
    );
  }
  return keys;
}
