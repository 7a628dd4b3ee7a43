import type { Writable, Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SpeechError, toSpeechError } from '../../base/errors.js';
import { OutputFile } from '../files/output-file.js';
import { createEncoder } from './encoder.js';
import { createFfmpegEncoder } from './ffmpeg-encoder.js';
import { patchHeader } from './finalise.js';
import type { AudioFormat } from './formats.js';

const HEAD_BYTES = 64;

/** What was written. */
export type WrittenAudio = {
  /** Samples at 24 kHz that went into the encoder. */
  numSamples: number;
  /** Bytes that came out. */
  numBytes: number;
};

/**
 * Encodes speech into a file, which appears under its name only when it is complete.
 *
 * @param samples - Mono samples at 24 kHz.
 * @param target - Where the file shall be, or the file.
 * @param format - Its format. Sizes in its header are exact.
 * @param options - `signal` stops the writing.
 * @returns How much was written.
 * @throws {SpeechError} `FILE_WRITE_FAILED`, `FFMPEG_MISSING`, `FFMPEG_FAILED`, `CANCELLED`, or
 * whatever `samples` throws; `AUDIO_EMPTY` if it has no sample. No file is left behind then.
 */
export async function writeAudioFile(
  samples: AsyncIterable<Float32Array>,
  target: string | OutputFile,
  format: AudioFormat,
  options: { signal?: AbortSignal } = {},
): Promise<WrittenAudio> {
  const file = typeof target === 'string' ? await OutputFile.create(target) : target;
  const counter = { numSamples: 0 };
  const head = Buffer.alloc(HEAD_BYTES);
  try {
    const encoder = createFileEncoder(format, file);
    const sink = async (bytes: AsyncIterable<Buffer>) => {
      for await (const part of bytes) {
        if (file.numBytes < HEAD_BYTES) {
          part.copy(head, file.numBytes);
        }
        await file.append(part);
      }
    };
    await pipeline(count(samples, counter), encoder, sink, options);
    const patch = patchHeader(
      format,
      head.subarray(0, file.numBytes),
      file.numBytes,
      counter.numSamples,
    );
    if (patch !== undefined && file.isSeekable) {
      await file.patch(patch.bytes, patch.offset);
    }
    const numBytes = await file.size();
    await file.commit();
    return { numSamples: counter.numSamples, numBytes };
  } catch (error) {
    await file.discard();
    throw toSpeechError(error);
  }
}

/**
 * Encodes speech into a stream while it is made, such as standard output.
 *
 * @param samples - Mono samples at 24 kHz.
 * @param output - Where the bytes go; it is left open.
 * @param format - The format; a WAV header names no sizes.
 * @param options - `signal` stops the writing.
 * @returns How much was written.
 * @throws {SpeechError} As {@link writeAudioFile}. If the reader leaves (EPIPE), the stream's own
 * error comes through, for the caller to tell apart.
 */
export async function writeAudioStream(
  samples: AsyncIterable<Float32Array>,
  output: Writable,
  format: AudioFormat,
  options: { signal?: AbortSignal } = {},
): Promise<WrittenAudio> {
  const counter = { numSamples: 0 };
  const encoder = createEncoder(format);
  let numBytes = 0;
  encoder.on('data', (bytes: Buffer) => {
    numBytes += bytes.length;
  });
  await pipeline(count(samples, counter), encoder, output, { ...options, end: false });
  return { numSamples: counter.numSamples, numBytes };
}

/** An encoder whose bytes go into the file; MP4 is written by ffmpeg itself, which has to go back. */
function createFileEncoder(format: AudioFormat, { temporaryPath }: OutputFile): Duplex {
  return format.name === 'm4a' && temporaryPath !== undefined
    ? createFfmpegEncoder(format, { path: temporaryPath })
    : createEncoder(format);
}

async function* count(
  samples: AsyncIterable<Float32Array>,
  counter: { numSamples: number },
): AsyncGenerator<Float32Array, void, undefined> {
  for await (const part of samples) {
    if (part.length > 0) {
      counter.numSamples += part.length;
      yield part;
    }
  }
  if (counter.numSamples === 0) {
    throw new SpeechError('AUDIO_EMPTY', 'samples has no sample; at least one is needed.');
  }
}
