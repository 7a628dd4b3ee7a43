import { Duplex, PassThrough } from 'node:stream';
import ffmpeg from 'fluent-ffmpeg';
import { SpeechError } from '../../base/errors.js';
import { requireFfmpeg } from './find-ffmpeg.js';
import { SPEECH_SAMPLE_RATE, type AudioFormat } from './formats.js';
import { toF32Bytes } from './pcm.js';

/** What ffmpeg is told for one output format. */
type EncoderSettings = { container: string; codec: string; options: string[] };

const SETTINGS: Readonly<Record<string, EncoderSettings>> = {
  // a Xing header would have to be written at the front once the end is known, and without it the
  // constant bitrate gives players the right duration; ID3 tags have nothing to say here
  mp3: {
    container: 'mp3',
    codec: 'libmp3lame',
    options: ['-b:a', '64k', '-write_xing', '0', '-id3v2_version', '0'],
  },
  // Ogg pages of 40 ms instead of a second, so that a stream starts at once
  opus: {
    container: 'ogg',
    codec: 'libopus',
    options: ['-b:a', '32k', '-application', 'voip', '-page_duration', '40000'],
  },
  aac: { container: 'adts', codec: 'aac', options: ['-b:a', '64k'] },
  flac: {
    container: 'flac',
    codec: 'flac',
    options: ['-frame_size', '1152', '-sample_fmt', 's16'],
  },
};

/**
 * A stream that turns samples into compressed audio with one ffmpeg process.
 *
 * Write `Float32Array`s of mono samples at 24 kHz; read bytes while they are made. Destroying the
 * stream kills the process. Fails with `FFMPEG_FAILED` if ffmpeg does.
 */
export class FfmpegEncoder extends Duplex {
  readonly #input = new PassThrough();
  // not destroyed by itself: fluent-ffmpeg takes the close of its output for a failure when the
  // process's exit is noticed 20 ms later than that
  readonly #output = new PassThrough({ autoDestroy: false });
  readonly #command: ffmpeg.FfmpegCommand;

  /**
   * @param format - A format whose `needsFfmpeg` is true.
   * @throws {SpeechError} `FFMPEG_MISSING` if there is no ffmpeg.
   */
  constructor(format: AudioFormat) {
    super({ writableObjectMode: true, writableHighWaterMark: 1 });
    const program = requireFfmpeg(format.name);
    const { container, codec, options } = SETTINGS[format.name]!;
    this.#command = ffmpeg(this.#input)
      .setFfmpegPath(program)
      .inputFormat('f32le')
      .inputOptions(['-ar', String(SPEECH_SAMPLE_RATE), '-ac', '1'])
      // raw samples need no probing, without these ffmpeg first waits for seconds of audio; "nobuffer"
      // would be quicker still, but loses the samples that were looked at
      .inputOptions(['-probesize', '32', '-analyzeduration', '0'])
      .audioCodec(codec)
      .outputOptions([
        ...options,
        '-flush_packets',
        '1',
        '-map_metadata',
        '-1',
        '-fflags',
        '+bitexact',
      ])
      .format(container);
    this.#command.on('start', () => {
      // the process starts a little after the constructor; the client may have left by then
      if (this.destroyed) {
        this.#command.kill('SIGKILL');
      }
    });
    this.#command.on('error', (cause: Error) => {
      this.destroy(
        new SpeechError('FFMPEG_FAILED', `ffmpeg could not encode ${format.name}.`, {}, { cause }),
      );
    });
    const exited = new Promise<void>((resolve) =>
      this.#command.on('end', () => {
        resolve();
      }),
    );
    this.#command.pipe(this.#output);
    this.#output.on('data', (bytes: Buffer) => {
      if (!this.push(bytes)) {
        this.#output.pause();
      }
    });
    this.#output.on('end', () => {
      // the last byte counts only once the process has said that all went well
      void exited.then(() => this.push(null));
    });
  }

  override _write(samples: Float32Array, _: BufferEncoding, done: (error?: Error) => void): void {
    if (this.#input.write(toF32Bytes(samples))) {
      done();
      return;
    }
    this.#input.once('drain', () => {
      done();
    });
  }

  override _final(done: (error?: Error) => void): void {
    this.#input.end();
    done();
  }

  override _read(): void {
    this.#output.resume();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#command.kill('SIGKILL');
    this.#input.destroy();
    this.#output.destroy();
    done(error);
  }
}

/**
 * Asks ffmpeg once for what it can do, so that the first encoder does not have to wait for that.
 *
 * @returns True if there is an ffmpeg and it answers.
 */
export async function warmUpFfmpeg(): Promise<boolean> {
  let program: string;
  try {
    program = requireFfmpeg('mp3');
  } catch {
    return false;
  }
  const command = ffmpeg().setFfmpegPath(program);
  return new Promise((resolve) => {
    // the package's types leave out that the error is null when all went well
    command.getAvailableFormats((formatsError: Error | null) => {
      command.getAvailableEncoders((encodersError: Error | null) => {
        resolve(formatsError === null && encodersError === null);
      });
    });
  });
}
