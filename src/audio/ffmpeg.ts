import { Duplex, PassThrough } from 'node:stream';
import ffmpeg from 'fluent-ffmpeg';
import type { SpeechError } from '../../base/errors.js';
import { requireFfmpeg } from './find-ffmpeg.js';

/** What one ffmpeg process is asked to do. */
export type FfmpegTask = {
  /** The ffmpeg program. */
  program: string;
  /** The file to read; without it, what is written to the stream. */
  inputPath?: string;
  /** Turns what is written, samples then, into bytes. */
  toBytes?: (samples: Float32Array) => Uint8Array;
  inputOptions: readonly string[];
  codec: string;
  container: string;
  outputOptions: readonly string[];
  /** A file to write, for containers that must go back to their beginning; else the stream. */
  outputPath?: string;
  /** Makes the error that the stream fails with when ffmpeg does. */
  toError: (cause: Error) => SpeechError;
};

/**
 * One ffmpeg process as a stream: write its input, read its output. This is the only module that
 * knows how ffmpeg is started.
 *
 * It ends only when the process has said that all went well. Destroying it kills the process. Should
 * this process die, the end of ffmpeg's input ends ffmpeg too.
 */
export class FfmpegStream extends Duplex {
  readonly #input = new PassThrough();
  // not destroyed by itself: fluent-ffmpeg takes the close of its output for a failure when the
  // process's exit is noticed 20 ms later than that
  readonly #output = new PassThrough({ autoDestroy: false });
  readonly #command: ffmpeg.FfmpegCommand;
  readonly #toBytes: FfmpegTask['toBytes'];
  /** Resolves at the first byte of output, or when the stream is closed without one. */
  readonly begun: Promise<void>;

  /**
   * @param task - What to do.
   */
  constructor(task: FfmpegTask) {
    super(task.toBytes === undefined ? {} : { writableObjectMode: true, writableHighWaterMark: 1 });
    this.#toBytes = task.toBytes;
    const { program, inputPath, inputOptions, codec, container, outputOptions, outputPath } = task;
    this.#command = ffmpeg()
      .setFfmpegPath(program)
      // "file:" keeps a name with a colon in it from being read as a protocol
      .input(inputPath === undefined ? this.#input : `file:${inputPath}`)
      .inputOptions([...inputOptions])
      .noVideo()
      .audioCodec(codec)
      .outputOptions([...outputOptions])
      .format(container);
    this.#command.on('start', () => {
      // the process starts a little after the constructor; the caller may have left by then
      if (this.destroyed) {
        this.#command.kill('SIGKILL');
      }
    });
    this.#command.on('error', (cause: Error) => {
      this.destroy(task.toError(cause));
    });
    const exited = new Promise<void>((resolve) =>
      this.#command.on('end', () => {
        resolve();
      }),
    );
    if (outputPath === undefined) {
      this.#command.pipe(this.#output);
    } else {
      this.#command.outputOptions('-y').save(`file:${outputPath}`);
      void exited.then(() => this.#output.end());
    }
    this.begun = new Promise<void>((resolve) => {
      this.#output.once('data', () => {
        resolve();
      });
      this.once('close', resolve);
    });
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

  override _write(
    chunk: Uint8Array | Float32Array,
    _: BufferEncoding,
    done: (error?: Error) => void,
  ): void {
    const bytes = this.#toBytes === undefined ? chunk : this.#toBytes(chunk as Float32Array);
    if (this.#input.write(bytes)) {
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
 * Asks ffmpeg once for what it can do, so that the first stream does not have to wait for that.
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
