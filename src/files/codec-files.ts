import { open, readFile } from 'node:fs/promises';
import { joinBytes } from '../../base/arrays.js';
import { SpeechError, toSpeechError } from '../../base/errors.js';
import type { Codec, CodecProperties, Codes } from '../../codecs/contract.js';
import { headerOf } from '../../codecs/lnt/codec-header.js';
import { encodeLnt } from '../../codecs/lnt/encode-lnt.js';
import type { LntEncodeOptions, LntOptions } from '../../codecs/lnt/lnt-encoder.js';
import { readLnt, type LntFile } from '../../codecs/lnt/lnt-file.js';
import type { LntSource } from '../../codecs/lnt/lnt-seeker.js';
import { LntWriter } from '../../codecs/lnt/lnt-writer.js';
import { findCodeTables } from './code-tables.js';
import { OutputFile } from './output-file.js';

/** What an encoded file is like. */
export type EncodedFile = { numBytes: number; durationSeconds: number; bitrateKbps: number };

/**
 * Encodes audio into a `.lnt` file, which is written while the audio comes.
 *
 * @param codec - The codec, whose kind the file names.
 * @param samples - Mono samples at the codec's rate, in pieces of any length; at least one in all.
 * @param target - The file to write.
 * @param options - Those of `encodeLnt`; `signal` stops the work. No file is left behind then.
 * @returns Size, duration and bitrate.
 * @throws {SpeechError} `OPTION_INVALID` for a number of codebooks the codec does not have or tags that are too long,
 * `FILE_WRITE_FAILED`, `CANCELLED`, and whatever `samples` throws.
 */
export async function encodeFile(
  codec: Codec,
  samples: AsyncIterable<Float32Array>,
  target: string | OutputFile,
  options: LntEncodeOptions & { signal?: AbortSignal },
): Promise<EncodedFile> {
  let numSamples = 0;
  async function* counted() {
    for await (const piece of samples) {
      checkNotCancelled(options.signal);
      numSamples += piece.length;
      yield piece;
    }
  }
  const bytes = encodeLnt(codec, counted(), options);
  let file = typeof target === 'string' ? undefined : target;
  try {
    // it is opened for the first bytes, so that wrong options leave nothing behind
    for await (const part of bytes) {
      checkNotCancelled(options.signal);
      file ??= await OutputFile.create(target as string);
      await file.append(part);
    }
    await file!.commit();
  } catch (error) {
    await file?.discard();
    throw error;
  }
  const { numBytes } = file!;
  const durationSeconds = numSamples / codec.sampleRate;
  return { numBytes, durationSeconds, bitrateKbps: (numBytes * 8) / durationSeconds / 1000 };
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
  options: LntOptions = {},
): Uint8Array {
  const { tags, tables } = options;
  const writer = new LntWriter(headerOf(codec, codes.numCodebooks, tags), { tables });
  return joinBytes([writer.pushCodes(codes), writer.finish()]);
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
  return readLnt(await readFile(path).catch(failAbout(path)), findCodeTables);
}

/**
 * Lends a file to a task that reads parts of it.
 *
 * @param path - The file.
 * @param task - Gets its bytes.
 * @returns What the task returns.
 * @throws {SpeechError} `FILE_NOT_FOUND`, `FILE_READ_FAILED`; what the task throws.
 */
export async function withLntSource<T>(
  path: string,
  task: (source: LntSource) => Promise<T>,
): Promise<T> {
  const handle = await open(path).catch(failAbout(path));
  try {
    const stats = await handle.stat();
    if (stats.isDirectory()) {
      throw new SpeechError('FILE_READ_FAILED', `${path} is a directory, not a .lnt file.`, {
        path,
      });
    }
    return await task({
      size: stats.size,
      read: async (offset, numBytes) => {
        const bytes = new Uint8Array(numBytes);
        let filled = 0;
        while (filled < numBytes) {
          const { bytesRead } = await handle
            .read(bytes, filled, numBytes - filled, offset + filled)
            .catch(failAbout(path));
          if (bytesRead === 0) {
            break;
          }
          filled += bytesRead;
        }
        return bytes.subarray(0, filled);
      },
    });
  } finally {
    await handle.close();
  }
}

function checkNotCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new SpeechError('CANCELLED', 'Encoding was cancelled.');
  }
}

/** Node does not say which path was a directory, or could not be read. */
function failAbout(path: string): (error: unknown) => never {
  return (error) => {
    const failure = toSpeechError(error);
    throw new SpeechError(failure.code, `${path}: ${failure.message}`, { path }, { cause: error });
  };
}
