import { SpeechError } from '../base/errors.js';
import type { CodecProperties, Codes, EncodeOptions } from './contract.js';

/**
 * Checks that every sample is a finite number.
 *
 * @param pcm - Samples of any length.
 * @throws {SpeechError} `AUDIO_INVALID` if one is NaN or infinite.
 */
export function checkFinite(pcm: Float32Array): void {
  for (let index = 0; index < pcm.length; index++) {
    // x - x is 0 for every finite x and NaN for the others; a call of Number.isFinite costs more
    if (pcm[index]! - pcm[index]! !== 0) {
      throw new SpeechError(
        'AUDIO_INVALID',
        `pcm[${index}] is ${pcm[index]}; samples must be finite numbers.`,
        { index },
      );
    }
  }
}

/**
 * Reads the number of levels that a caller wants.
 *
 * @param codec - The codec that is asked.
 * @param options - The caller's options.
 * @returns A number from 1 to the codec's `numCodebooks`, which is the default.
 * @throws {SpeechError} `OPTION_INVALID` for anything else.
 */
export function readNumCodebooks(codec: CodecProperties, options: EncodeOptions = {}): number {
  const { numCodebooks = codec.numCodebooks } = options;
  if (!Number.isInteger(numCodebooks) || numCodebooks < 1 || numCodebooks > codec.numCodebooks) {
    throw new SpeechError(
      'OPTION_INVALID',
      `numCodebooks is ${numCodebooks}; ${codec.name} has 1 to ${codec.numCodebooks}.`,
      { numCodebooks, available: codec.numCodebooks },
    );
  }
  return numCodebooks;
}

/**
 * Checks tokens against the codec that is to decode them.
 *
 * @param codec - The codec.
 * @param codes - Tokens from outside.
 * @throws {SpeechError} `INPUT_SHAPE_MISMATCH` if `data` is not `[T, K]`, `K` is not a number of
 * levels that the codec has, or `numSamples` is not in `[0, T * frameSize]`; `CODE_OUT_OF_RANGE` for
 * a code of `cardinality` or more.
 */
export function checkCodes(codec: CodecProperties, codes: Codes): void {
  const { data, numFrames, numCodebooks, numSamples } = codes;
  if (!isCount(numCodebooks) || numCodebooks < 1 || numCodebooks > codec.numCodebooks) {
    throw new SpeechError(
      'INPUT_SHAPE_MISMATCH',
      `codes.numCodebooks is ${numCodebooks}; ${codec.name} decodes 1 to ${codec.numCodebooks}.`,
      { numCodebooks, available: codec.numCodebooks },
    );
  }
  if (!isCount(numFrames) || data.length !== numFrames * numCodebooks) {
    throw new SpeechError(
      'INPUT_SHAPE_MISMATCH',
      `codes.data holds ${data.length} codes; ${numFrames} frames of ${numCodebooks} need ${
        numFrames * numCodebooks
      }.`,
      { length: data.length, numFrames, numCodebooks },
    );
  }
  if (!isCount(numSamples) || numSamples > numFrames * codec.frameSize) {
    throw new SpeechError(
      'INPUT_SHAPE_MISMATCH',
      `codes.numSamples is ${numSamples}; ${numFrames} frames of ${codec.frameSize} samples hold 0 to ${
        numFrames * codec.frameSize
      }.`,
      { numSamples, numFrames, frameSize: codec.frameSize },
    );
  }
  for (let index = 0; index < data.length; index++) {
    const code = data[index]!;
    if (code >= codec.cardinality) {
      throw new SpeechError(
        'CODE_OUT_OF_RANGE',
        `codes.data[${index}] is ${code}; ${codec.name} has the codes 0 to ${codec.cardinality - 1}.`,
        { index, code, cardinality: codec.cardinality },
      );
    }
  }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
