import { readFile } from 'node:fs/promises';
import { greatestCommonDivisor } from '../../base/arrays.js';
import { SpeechError, toSpeechError } from '../../base/errors.js';
import { concatCodes } from '../../codecs/codes.js';
import type { Codec, CodecProperties, Codes } from '../../codecs/contract.js';
import { readLnt, writeLnt, type LntFile } from '../../codecs/lnt/lnt-file.js';
import { writeWholeFile, type OutputFile } from './output-file.js';

/** What an encoded file is like. */
export type EncodedFile = { numBytes: number; durationSeconds: number; bitrateKbps: number };

/**
 * Encodes audio into a `.lnt` file, a second at a time; of the samples no more is held than that and one
 * piece.
 *
 * @param codec - The codec, whose kind the file names.
 * @param samples - Mono samples at the codec's rate, in pieces of any length; at least one in all.
 * @param target - The file to write.
 * @param options - `numCodebooks`: levels to keep, all without it. `signal` stops the work; no file is left behind then.
 * @returns Size, duration and bitrate.
 * @throws {SpeechError} `OPTION_INVALID` for a number of codebooks the codec does not have,
 * `FILE_WRITE_FAILED`, `CANCELLED`, and whatever `samples` throws.
 */
export async function encodeFile(
  codec: Codec,
  samples: AsyncIterable<Float32Array>,
  target: string | OutputFile,
  options: { numCodebooks?: number; signal?: AbortSignal },
): Promise<EncodedFile> {
  const codes = await encodeSamples(codec, samples, options);
  const bytes = packLnt(codes, codec);
  if (options.signal?.aborted === true) {
    throw new SpeechError('CANCELLED', 'Encoding was cancelled.');
  }
  await writeWholeFile(target, bytes);
  const durationSeconds = codes.numSamples / codec.sampleRate;
  const bitrateKbps = (bytes.length * 8) / durationSeconds / 1000;
  return { numBytes: bytes.length, durationSeconds, bitrateKbps };
}

/**
 * Packs tokens as the bytes of a `.lnt` file.
 *
 * @param codes - Tokens of `codec`.
 * @param codec - What the tokens were made with.
 * @returns The bytes.
 * @throws {SpeechError} `INPUT_SHAPE_MISMATCH` if the sizes of `codes` contradict each other;
 * `CODE_OUT_OF_RANGE`.
 */
export function packLnt(codes: Codes, codec: CodecProperties): Uint8Array {
  const divisor = greatestCommonDivisor(codec.sampleRate, codec.frameSize);
  return writeLnt({
    codec: codec.kind,
    sampleRate: codec.sampleRate,
    frameRate: {
      numerator: codec.sampleRate / divisor,
      denominator: codec.frameSize / divisor,
    },
    numCodebooks: codes.numCodebooks,
    bitsPerCode: bitsFor(codec.cardinality),
    numSamples: codes.numSamples,
    numFrames: codes.numFrames,
    codes: codes.data,
  });
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
 * @returns Samples at the codec's rate; `file.numSamples` in all.
 * @throws {SpeechError} `BITSTREAM_INVALID` if the file was made by a codec of another shape,
 * `CODE_OUT_OF_RANGE`.
 */
export async function* decodeSamples(
  codec: Codec,
  file: LntFile,
): AsyncGenerator<Float32Array, void, undefined> {
  checkFits(codec, file);
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

async function encodeSamples(
  codec: Codec,
  samples: AsyncIterable<Float32Array>,
  options: { numCodebooks?: number; signal?: AbortSignal },
): Promise<Codes> {
  const { numCodebooks, signal } = options;
  const encoder = codec.encoder(numCodebooks === undefined ? {} : { numCodebooks });
  const parts: Codes[] = [];
  try {
    for await (const piece of inPiecesOf(codec.sampleRate, samples)) {
      if (signal?.aborted === true) {
        throw new SpeechError('CANCELLED', 'Encoding was cancelled.');
      }
      parts.push(await encoder.push(piece));
    }
    parts.push(await encoder.flush());
  } finally {
    await encoder.close();
  }
  return concatCodes(parts);
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

function bitsFor(cardinality: number): number {
  return Math.ceil(Math.log2(cardinality));
}
