import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { joinSamples } from '../../base/arrays.js';
import { SpeechError, toSpeechError } from '../../base/errors.js';
import { decodeWithFfmpeg } from './ffmpeg-decoder.js';
import { SPEECH_SAMPLE_RATE } from './formats.js';
import { Resampler } from './resampler.js';
import { isReadInProcess, isWav } from './wav-format.js';
import { findWavFormat, WavReader } from './wav-reader.js';

/** How audio is read. */
export type ReadOptions = {
  /** Hz of the samples that come out, 24,000 without it. */
  sampleRate?: number;
  /** Stops the reading. */
  signal?: AbortSignal;
  /** Called at the end, with one sentence for each thing that is odd about the audio. */
  onWarning?: (warning: string) => void;
};

// read at once, and looked at to tell what a file is
const READ_BYTES = 262_144;

/** As many tell whether it is a WAV file. */
const HEAD_BYTES = 12;

/** Bytes to read audio from. */
type Source = {
  /** What to call it in errors. */
  name: string;
  /** The path of a regular file, which can be read again from its beginning. */
  path?: string;
  /** The first bytes, up to a quarter of a MiB. */
  head: Uint8Array;
  /** All bytes, the first ones included; can be read once. */
  bytes: AsyncIterable<Uint8Array>;
  /** Length in bytes, Infinity if it is not known. */
  numBytes: number;
  /** Ends the reading of a source that is not read to its end. */
  close(): void;
};

/**
 * Reads audio as mono, piece by piece, in memory that does not grow with its length. Plain WAV is read
 * in process, any other format by ffmpeg.
 *
 * @param input - A path, or a stream of a file's bytes, such as standard input. Formats with an index
 * at the end, such as some MP4 files, need a path.
 * @param options - See {@link ReadOptions}.
 * @yields Samples in `[-1, 1]`, in pieces of some 100 ms to a few seconds; at least one in all.
 * @throws {SpeechError} `FILE_NOT_FOUND` or `FILE_READ_FAILED` for the file itself, `AUDIO_INVALID`
 * if it is not audio, is damaged or cut short, or has a sample that is no finite number,
 * `AUDIO_EMPTY` if it has no samples, `FFMPEG_MISSING` if it is not a plain WAV file and there is no
 * ffmpeg, `CANCELLED` by the signal.
 */
export async function* openAudio(
  input: string | Readable,
  options: ReadOptions = {},
): AsyncGenerator<Float32Array, void, undefined> {
  const { sampleRate = SPEECH_SAMPLE_RATE, signal, onWarning } = options;
  checkAborted(signal);
  const source = await openSource(input);
  let stop = () => {
    source.close();
  };
  const onAbort = () => {
    stop();
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    let { bytes } = source;
    let reader = new WavReader(source.numBytes);
    if (!isPlainWav(source.head)) {
      const decoder = decodeWithFfmpeg(source.path ?? source.bytes, source.name);
      stop = () => {
        decoder.destroy();
        source.close();
      };
      checkAborted(signal);
      bytes = decoder;
      reader = new WavReader();
    }
    let resampler: Resampler | undefined;
    for await (const part of bytes) {
      checkAborted(signal);
      const samples = reader.push(part);
      if (samples.length > 0) {
        resampler ??= new Resampler(reader.format!.sampleRate, sampleRate);
        yield resampler.push(samples);
      }
    }
    checkAborted(signal);
    reader.end();
    yield resampler!.flush();
    if (reader.warning !== undefined) {
      onWarning?.(reader.warning);
    }
  } catch (thrown) {
    checkAborted(signal, thrown);
    throw toSpeechError(thrown);
  } finally {
    signal?.removeEventListener('abort', onAbort);
    stop();
  }
}

/**
 * Reads a whole audio file as mono at 24 kHz, as {@link openAudio} does.
 *
 * @param path - The file.
 * @param options - See {@link ReadOptions}.
 * @returns Its samples in `[-1, 1]`, at least one.
 * @throws {SpeechError} As {@link openAudio}.
 */
export async function readAudioFile(
  path: string,
  options: ReadOptions = {},
): Promise<Float32Array> {
  const parts: Float32Array[] = [];
  for await (const part of openAudio(path, options)) {
    parts.push(part);
  }
  return joinSamples(parts);
}

async function openSource(input: string | Readable): Promise<Source> {
  const isPath = typeof input === 'string';
  const name = isPath ? input : 'the audio';
  const stats = isPath ? await statFile(input) : undefined;
  const stream = isPath ? createReadStream(input, { highWaterMark: READ_BYTES }) : input;
  const iterator = (stream as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let numFirst = 0;
  try {
    while (numFirst < READ_BYTES) {
      const next = await iterator.next();
      if (next.done === true) {
        break;
      }
      first.push(next.value);
      numFirst += next.value.length;
      // a stream may be slow
      if (!isPath && isTold(Buffer.concat(first))) {
        break;
      }
    }
  } catch (error) {
    throw toSpeechError(error);
  }
  if (numFirst === 0) {
    throw new SpeechError('AUDIO_EMPTY', `${name} is empty.`, { path: name });
  }
  const isRegular = isPath && stats?.isFile() === true;
  return {
    name,
    ...(isRegular ? { path: input } : {}),
    head: Buffer.concat(first),
    bytes: chain(first, iterator),
    numBytes: isRegular ? stats.size : Infinity,
    close: () => stream.destroy(),
  };
}

async function statFile(path: string) {
  const stats = await stat(path).catch((error: unknown) => {
    throw toSpeechError(error);
  });
  if (stats.isDirectory()) {
    throw new SpeechError('FILE_READ_FAILED', `${path} is a directory, not an audio file.`, {
      path,
    });
  }
  return stats;
}

async function* chain(
  first: Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* first.splice(0);
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
    yield next.value;
  }
}

/** Whether the first bytes tell what they are. */
function isTold(head: Uint8Array): boolean {
  if (head.length < HEAD_BYTES) {
    return false;
  }
  try {
    return !isWav(head) || findWavFormat(head) !== undefined;
  } catch {
    // what says so is cut short here, and perhaps only here
    return false;
  }
}

/** Whether it is a WAV file whose encoding needs no ffmpeg. */
function isPlainWav(head: Uint8Array): boolean {
  if (!isWav(head)) {
    return false;
  }
  const format = findWavFormat(head);
  return format === undefined || isReadInProcess(format);
}

function checkAborted(signal: AbortSignal | undefined, cause?: unknown): void {
  if (signal?.aborted === true) {
    throw new SpeechError('CANCELLED', 'Reading the audio was cancelled.', {}, { cause });
  }
}
