import { SpeechError } from '../../base/errors.js';
import type { Codec } from '../../codecs/contract.js';
import type { SpeechChunk } from '../../tts/types.js';
import {
  AUDIO_FORMAT_NAMES,
  findFormat,
  formatOfPath,
  SPEECH_SAMPLE_RATE,
  type AudioFormat,
  type AudioFormatName,
} from '../audio/formats.js';

/** Audio to be written: all its samples, or pieces of it in order; mono at 24 kHz in `[-1, 1]`. */
export type AudioSource =
  Float32Array | Iterable<SpeechChunk | Float32Array> | AsyncIterable<SpeechChunk | Float32Array>;

/** What was written into a file. */
export type AudioFileInfo = {
  /** Samples at 24 kHz, whatever the rate of the format. */
  numSamples: number;
  durationSeconds: number;
  numBytes: number;
};

/**
 * Writes audio into a file, which appears under its name only when it is complete.
 *
 * @param path - Where the file shall be.
 * @param audio - What `Engine.speak` or a codec gives; at least one sample.
 * @param options - `format`: by default what the file's extension says. `codec`: makes `lnt`. `signal` stops the
 * writing.
 * @returns How much was written.
 * @throws {SpeechError} `FORMAT_UNKNOWN`, `OPTION_INVALID` for `lnt` without a codec, `FILE_WRITE_FAILED`, `FFMPEG_MISSING`, `FFMPEG_FAILED`,
 * `CANCELLED`; `AUDIO_EMPTY` without a sample; what `audio` throws, `INTERNAL` with it as `cause` if it
 * is no `SpeechError`. No file is left behind then.
 */
export async function writeAudioFile(
  path: string,
  audio: AudioSource,
  options: { format?: AudioFormatName; codec?: Codec; signal?: AbortSignal } = {},
): Promise<AudioFileInfo> {
  const { format: name, codec, signal } = options;
  const named = name === undefined ? formatFromPath(path) : findFormat(name);
  const format = codec === undefined ? named : withCodec(named, codec);
  const writer = await import('../audio/write-audio.js');
  const { numSamples, numBytes } = await writer.writeAudioFile(
    samplesOf(audio),
    path,
    format,
    signal === undefined ? {} : { signal },
  );
  return { numSamples, durationSeconds: numSamples / SPEECH_SAMPLE_RATE, numBytes };
}

/**
 * Reads an audio file as mono at 24 kHz: WAV by itself, any other format by ffmpeg.
 *
 * @param path - The file.
 * @param options - `signal` stops the reading.
 * @returns Samples in `[-1, 1]` at 24 kHz, at least one.
 * @throws {SpeechError} `FILE_NOT_FOUND`, `FILE_READ_FAILED`, `AUDIO_INVALID`, `AUDIO_EMPTY`,
 * `FFMPEG_MISSING`, `CANCELLED`.
 */
export async function readAudioFile(
  path: string,
  options: { signal?: AbortSignal } = {},
): Promise<Float32Array> {
  const reader = await import('../audio/read-audio.js');
  return reader.readAudioFile(path, options);
}

/** What `lnt` is made with. */
function withCodec(format: AudioFormat, codec: Codec): AudioFormat {
  return format.name === 'lnt'
    ? { ...format, making: { loadCodec: () => Promise.resolve(codec) } }
    : format;
}

function formatFromPath(path: string): AudioFormat {
  const format = formatOfPath(path);
  if (format === undefined) {
    throw new SpeechError(
      'FORMAT_UNKNOWN',
      `${path} has no known extension; options.format must be one of ${AUDIO_FORMAT_NAMES.join(', ')}.`,
      { path },
    );
  }
  return format;
}

async function* samplesOf(audio: AudioSource): AsyncGenerator<Float32Array, void, undefined> {
  if (audio instanceof Float32Array) {
    yield audio;
    return;
  }
  for await (const piece of audio) {
    yield piece instanceof Float32Array ? piece : piece.samples;
  }
}
