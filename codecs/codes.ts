import { SpeechError } from '../base/errors.js';
import type { Codes } from './contract.js';

/**
 * Joins the tokens of consecutive pieces, such as the pushes of one encoder stream.
 *
 * @param chunks - Pieces with the same number of codebooks, in order; at least one.
 * @returns One piece with all the frames; `numFrames` and `numSamples` are the sums.
 * @throws {SpeechError} `INPUT_SHAPE_MISMATCH` if the numbers of codebooks differ or there is no piece.
 */
export function concatCodes(chunks: readonly Codes[]): Codes {
  const first = chunks[0];
  if (first === undefined) {
    throw new SpeechError('INPUT_SHAPE_MISMATCH', 'chunks is empty; at least one piece is needed.');
  }
  const { numCodebooks } = first;
  let numFrames = 0;
  let numSamples = 0;
  for (const chunk of chunks) {
    if (chunk.numCodebooks !== numCodebooks) {
      throw new SpeechError(
        'INPUT_SHAPE_MISMATCH',
        `chunks hold ${numCodebooks} and ${chunk.numCodebooks} codebooks; all must hold the same number.`,
        { numCodebooks, other: chunk.numCodebooks },
      );
    }
    numFrames += chunk.numFrames;
    numSamples += chunk.numSamples;
  }
  const data = new Uint16Array(numFrames * numCodebooks);
  let offset = 0;
  for (const chunk of chunks) {
    data.set(chunk.data, offset);
    offset += chunk.data.length;
  }
  return { data, numFrames, numCodebooks, numSamples };
}

/**
 * Keeps the first levels of every frame: the same audio at a lower bitrate and quality.
 *
 * @param codes - Tokens `[T, K]`.
 * @param numCodebooks - Levels to keep, from 1 to `K`.
 * @returns Tokens `[T, numCodebooks]`.
 * @throws {SpeechError} `OPTION_INVALID` if there are not so many levels.
 */
export function keepLevels(codes: Codes, numCodebooks: number): Codes {
  if (!Number.isInteger(numCodebooks) || numCodebooks < 1 || numCodebooks > codes.numCodebooks) {
    throw new SpeechError(
      'OPTION_INVALID',
      `numCodebooks is ${numCodebooks}; the codes hold 1 to ${codes.numCodebooks}.`,
      { numCodebooks, available: codes.numCodebooks },
    );
  }
  if (numCodebooks === codes.numCodebooks) {
    return codes;
  }
  const data = new Uint16Array(codes.numFrames * numCodebooks);
  for (let frame = 0; frame < codes.numFrames; frame++) {
    const start = frame * codes.numCodebooks;
    data.set(codes.data.subarray(start, start + numCodebooks), frame * numCodebooks);
  }
  return { ...codes, data, numCodebooks };
}
