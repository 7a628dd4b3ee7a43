import { readFile } from 'node:fs/promises';
import { SpeechError, toSpeechError } from '../../base/errors.js';
import type { Codec, CodecProperties, Codes } from '../../codecs/contract.js';
import { bitsFor } from '../../codecs/lnt/code-packing.js';
import { headerOf } from '../../codecs/lnt/codec-header.js';
import { checkWeights, readLnt, type LntFile } from '../../codecs/lnt/lnt-file.js';
import type { LntTags } from '../../codecs/lnt/lnt-header.js';
import { LntWriter } from '../../codecs/lnt/lnt-writer.js';
import { OutputFile } from './output-file.js';

/** What an encoded file is like. */
export type EncodedFile = { numBytes: number; durationSeconds: number; bitrateKbps: number };

/** What else goes into a token file. */
export type LntFileOptions = {
  /** What is said about the recording: a JSON object of at most 65,536 bytes. */
  tags?: LntTags;
};

/**
 * Encodes audio into a `.lnt` file, which is written while the audio comes: memory does not grow with its length, but
 * for two bytes a second.
 *
 * @param codec - The codec, whose kind the file names.
 * @param samples - Mono samples at the codec's rate, in pieces of any length; at least one in all.
 * @param target - The file to write.
 * @param options - `numCodebooks`: levels to keep, all without it. `signal` stops the work; no file is left behind then.
 * @returns Size, duration and bitrate.
 * @throws {SpeechError} `OPTION_INVALID` for a number of codebooks the codec does not have or tags that are too long,
 * `FILE_WRITE_FAILED`, `CANCELLED`, and whatever `samples` throws.
 */
export async function encodeFile(
  codec: Codec,
  samples: AsyncIterable<Float32Array>,
  target: string | OutputFile,
  options: LntFileOptions & { numCodebooks?: number; signal?: AbortSignal },
): Promise<EncodedFile> {
  const { numCodebooks = codec.numCodebooks, tags, signal } = options;
  const encoder = codec.encoder({ numCodebooks });
  try {
    const writer = new LntWriter(headerOf(codec, numCodebooks, tags));
    const file = typeof target === 'string' ? await OutputFile.create(target) : target;
    try {
      for await (const piece of inPiecesOf(codec.sampleRate, samples)) {
        checkNotCancelled(signal);
        await file.append(writer.pushCodes(await encoder.push(piece)));
      }
      const last = writer.pushCodes(await encoder.flush());
      checkNotCancelled(signal);
      await file.append(last);
      await file.append(writer.finish());
      await file.commit();
    } catch (error) {
      await file.discard();
      throw error;
    }
    const { numBytes } = file;
    const durationSeconds = writer.numSamples / codec.sampleRate;
    return { numBytes, durationSeconds, bitrateKbps: (numBytes * 8) / durationSeconds / 1000 };
  } finally {
    await encoder.close();
  }
}

/**
 * Packs tokens as the bytes of a `.lnt` file.
 *
 * @param codes - Tokens of `codec`.
 * @param codec - What the tokens were made with.
 * @param options - What else goes into the file.
 * @returns The bytes.
 * @throws {SpeechError} `INPUT_SHAPE_MISMATCH` if the sizes of `codes` contradict each other, or its frames reach
 * beyond its samples by more than a second; `CODE_OUT_OF_RANGE`; `OPTION_INVALID` for tags that are too long.
 */
export function packLnt(
  codes: Codes,
  codec: CodecProperties,
  options: LntFileOptions = {},
): Uint8Array {
  const writer = new LntWriter(headerOf(codec, codes.numCodebooks, options.tags));
  const first = writer.pushCodes(codes);
  const last = writer.finish();
  const bytes = new Uint8Array(first.length + last.length);
  bytes.set(first);
  bytes.set(last, first.length);
  return bytes;
}

/**
 * Reads a `.lnt` file.
 *
 * @param path - The file.
 * @returns What it holds.
 * @throws {SpeechError} `FILE_NOT_FOUND`, `FILE_READ_FAILED`, `BITSTREAM_INVALID`,
 * `BITSTREAM_TRUNCATED`.
 */
export async function readLntFile(path: string): Promise<LntFile> {
  const bytes = await readFile(path).catch((error: unknown) => {
    const failure = toSpeechError(error);
    // Node does not say which path was a directory
    throw new SpeechError(failure.code, `${path}: ${failure.message}`, { path }, { cause: error });
  });
  return readLnt(bytes);
}

/**
 * Decodes the tokens of a `.lnt` file, a second at a time.
 *
 * @param codec - The codec that the file names.
 * @param file - The tokens.
 * @param options - `force`: try also with other weights than those that made the tokens.
 * @returns Samples at the codec's rate; `file.numSamples` in all.
 * @throws {SpeechError} `WEIGHTS_DIFFER`; `BITSTREAM_INVALID` if the file was made by a codec of another shape;
 * `CODE_OUT_OF_RANGE`.
 */
export async function* decodeSamples(
  codec: Codec,
  file: LntFile,
  options: { force?: boolean } = {},
): AsyncGenerator<Float32Array, void, undefined> {
  checkFits(codec, file);
  if (options.force !== true) {
    checkWeights(file, codec);
  }
  const { numCodebooks, numFrames, codes } = file;
  const decoder = codec.decoder();
  const framesPerPush = Math.ceil(codec.frameRate);
  let samplesLeft = file.numSamples;
  try {
    for (let frame = 0; frame < numFrames; frame += framesPerPush) {
      const end = Math.min(numFrames, frame + framesPerPush);
      const numSamples = Math.min(samplesLeft, (end - frame) * codec.frameSize);
      samplesLeft -= numSamples;
      const data = codes.subarray(frame * numCodebooks, end * numCodebooks);
      yield await decoder.push({ data, numFrames: end - frame, numCodebooks, numSamples });
    }
    yield await decoder.flush();
  } finally {
    await decoder.close();
  }
}

function checkNotCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new SpeechError('CANCELLED', 'Encoding was cancelled.');
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

function checkFits(codec: Codec, file: LntFile): void {
  const { numerator, denominator } = file.frameRate;
  const isSameRate =
    file.sampleRate === codec.sampleRate &&
    numerator * codec.frameSize === denominator * codec.sampleRate;
  const isLongEnough = file.numSamples <= file.numFrames * codec.frameSize;
  if (
    !isSameRate ||
    !isLongEnough ||
    file.numCodebooks > codec.numCodebooks ||
    file.bitsPerCode !== bitsFor(codec.cardinality)
  ) {
    throw new SpeechError('BITSTREAM_INVALID', 'The file does not fit the codec that it names.', {
      codec: file.codec,
      numCodebooks: file.numCodebooks,
      bitsPerCode: file.bitsPerCode,
      sampleRate: file.sampleRate,
    });
  }
  if (file.numSamples === 0) {
    throw new SpeechError('AUDIO_EMPTY', 'The file has 0 samples.');
  }
}
