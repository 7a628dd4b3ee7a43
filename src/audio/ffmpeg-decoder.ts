import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import ffmpeg from 'fluent-ffmpeg';
import { SpeechError } from '../../base/errors.js';
import { requireFfmpeg } from './find-ffmpeg.js';
import { SPEECH_SAMPLE_RATE } from './formats.js';

/**
 * Reads an audio file of any format ffmpeg knows.
 *
 * @param path - The file.
 * @param signal - Stops the reading and its process.
 * @returns Mono samples in `[-1, 1]` at 24 kHz, at least one.
 * @throws {SpeechError} `AUDIO_INVALID` if ffmpeg finds no audio in it or finds it damaged,
 * `AUDIO_EMPTY` if there are no samples, `FFMPEG_MISSING`, `CANCELLED`.
 */
export async function decodeWithFfmpeg(path: string, signal?: AbortSignal): Promise<Float32Array> {
  const program = requireFfmpeg(`${path}, which is not a WAV file,`);
  const command = ffmpeg()
    .setFfmpegPath(program)
    // "file:" keeps a name with a colon in it from being read as a protocol, and the list keeps a
    // playlist from reaching out into the network
    .input(`file:${path}`)
    .inputOptions(['-protocol_whitelist', 'file', '-xerror'])
    .noVideo()
    .audioChannels(1)
    .audioFrequency(SPEECH_SAMPLE_RATE)
    .audioCodec('pcm_f32le')
    .format('f32le');
  const parts: Buffer[] = [];
  // see FfmpegEncoder for why it does not destroy itself
  const output = new PassThrough({ autoDestroy: false });
  output.on('data', (bytes: Buffer) => parts.push(bytes));
  const kill = () => command.kill('SIGKILL');
  signal?.addEventListener('abort', kill, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      command.on('start', () => {
        // the process starts a little later than asked; the caller may have left by then
        if (signal?.aborted === true) {
          kill();
        }
      });
      command.on('end', () => {
        resolve();
      });
      command.on('error', reject);
      command.pipe(output);
    });
    await finished(output, { writable: false });
  } catch (cause) {
    if (signal?.aborted === true) {
      throw new SpeechError('CANCELLED', 'Reading the audio was cancelled.', {}, { cause });
    }
    throw new SpeechError(
      'AUDIO_INVALID',
      `${path} cannot be read as audio: it is another kind of file, or damaged.`,
      { path },
      { cause },
    );
  } finally {
    signal?.removeEventListener('abort', kill);
    output.destroy();
  }
  return toSamples(Buffer.concat(parts), path);
}

function toSamples(bytes: Buffer, path: string): Float32Array {
  const samples = new Float32Array(Math.floor(bytes.length / 4));
  if (samples.length === 0) {
    throw new SpeechError('AUDIO_EMPTY', `${path} has no audio samples.`, { path });
  }
  for (let index = 0; index < samples.length; index++) {
    const sample = bytes.readFloatLE(index * 4);
    samples[index] = Number.isFinite(sample) ? Math.min(1, Math.max(-1, sample)) : 0;
  }
  return samples;
}
