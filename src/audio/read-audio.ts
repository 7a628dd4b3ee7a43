import { open, readFile } from 'node:fs/promises';
import { SpeechError, toSpeechError } from '../../base/errors.js';
import { decodeWithFfmpeg } from './ffmpeg-decoder.js';
import { SPEECH_SAMPLE_RATE } from './formats.js';
import { resample } from './resampler.js';
import { isWav } from './wav-chunks.js';
import { readWav } from './wav-reader.js';

const SNIFF_BYTES = 12;
// Node reads files of up to 2 GiB into memory at once
const MAX_WAV_BYTES = 2 ** 31 - 1;

/**
 * Reads an audio file as mono at 24 kHz. WAV is read in process, any other format by ffmpeg.
 *
 * @param path - The file.
 * @param options - `signal` stops the reading.
 * @returns Samples in `[-1, 1]` at 24 kHz, at least one.
 * @throws {SpeechError} `FILE_NOT_FOUND` or `FILE_READ_FAILED` for the file itself, `AUDIO_INVALID`
 * if it is not audio, is damaged or cut short, `AUDIO_EMPTY` if it has no samples,
 * `FFMPEG_MISSING` if it is not a WAV file and there is no ffmpeg, `CANCELLED` by the signal.
 */
export async function readAudioFile(
  path: string,
  options: { signal?: AbortSignal } = {},
): Promise<Float32Array> {
  const { head, numBytes } = await sniff(path);
  if (numBytes === 0) {
    throw new SpeechError('AUDIO_EMPTY', `${path} is empty.`, { path });
  }
  if (!isWav(head)) {
    return decodeWithFfmpeg(path, options.signal);
  }
  if (numBytes > MAX_WAV_BYTES) {
    throw new SpeechError('AUDIO_INVALID', `${path} is larger than 2 GiB; cut it into parts.`, {
      path,
      numBytes,
    });
  }
  const bytes = await readFile(path, options).catch((error: unknown) => {
    throw toSpeechError(error);
  });
  const { samples, sampleRate } = readWav(bytes);
  return resample(samples, sampleRate, SPEECH_SAMPLE_RATE);
}

async function sniff(path: string): Promise<{ head: Uint8Array; numBytes: number }> {
  try {
    const file = await open(path, 'r');
    try {
      const stats = await file.stat();
      if (stats.isDirectory()) {
        throw new SpeechError('FILE_READ_FAILED', `${path} is a directory, not an audio file.`, {
          path,
        });
      }
      const head = new Uint8Array(SNIFF_BYTES);
      const { bytesRead } = await file.read(head, 0, SNIFF_BYTES, 0);
      return { head: head.subarray(0, bytesRead), numBytes: stats.size };
    } finally {
      await file.close();
    }
  } catch (error) {
    throw toSpeechError(error);
  }
}
