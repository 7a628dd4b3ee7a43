import type { Codec } from '../contract.js';
import { LntEncoder, type LntEncodeOptions } from './lnt-encoder.js';

/**
 * Encodes audio as the bytes of a `.lnt` file, while it comes. Memory does not grow with its length, but for two
 * bytes a second.
 *
 * @param codec - The codec, which the file names.
 * @param samples - Mono samples at the codec's rate, in pieces of any length; at least one sample in all.
 * @param options - What to keep and to say.
 * @yields The file, a block of about a second at a time; the first of them when two seconds or the end are known.
 * @throws {SpeechError} `OPTION_INVALID` for a number of codebooks that the codec does not have or tags that are too
 * long, `AUDIO_EMPTY`, `AUDIO_INVALID`, and whatever `samples` throws.
 */
export async function* encodeLnt(
  codec: Codec,
  samples: AsyncIterable<Float32Array>,
  options: LntEncodeOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = new LntEncoder(codec, options);
  try {
    for await (const piece of inPiecesOf(codec.sampleRate, samples)) {
      const bytes = await encoder.push(piece);
      if (bytes.length > 0) {
        yield bytes;
      }
    }
    yield await encoder.finish();
  } finally {
    await encoder.close();
  }
}

/** Cuts a stream anew, since few long pushes are quicker than many short ones. */
async function* inPiecesOf(
  length: number,
  samples: AsyncIterable<Float32Array>,
): AsyncGenerator<Float32Array, void, undefined> {
  let piece = new Float32Array(length);
  let filled = 0;
  for await (const part of samples) {
    for (let start = 0; start < part.length;) {
      const taken = part.subarray(start, start + length - filled);
      piece.set(taken, filled);
      filled += taken.length;
      start += taken.length;
      if (filled === length) {
        yield piece;
        piece = new Float32Array(length);
        filled = 0;
      }
    }
  }
  yield piece.subarray(0, filled);
}
