import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { toSpeechError } from '../../base/errors.js';

/**
 * Tells weights from others: token files carry it, since only the weights that made tokens decode them.
 *
 * @param paths - The files that hold the weights, in order.
 * @returns SHA-256 of their bytes one after the other, 64 hexadecimal digits in lower case.
 * @throws {SpeechError} `FILE_NOT_FOUND`, `FILE_READ_FAILED`.
 */
export async function hashWeights(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  try {
    for (const path of paths) {
      // large pieces: the thread between them serves streams
      for await (const piece of createReadStream(path, { highWaterMark: 2 ** 20 })) {
        hash.update(piece as Buffer);
      }
    }
  } catch (error) {
    throw toSpeechError(error);
  }
  return hash.digest('hex');
}
