import type { Duplex } from 'node:stream';
import { createEncoder } from './encoder.js';
import { createFfmpegEncoder } from './ffmpeg-encoder.js';
import { warmUpFfmpeg, type FfmpegStream } from './ffmpeg.js';
import { AUDIO_FORMATS, type AudioFormat, type AudioFormatName } from './formats.js';

// two requests that come together are both served; an idle ffmpeg holds some 10 MB of its own
const SPARES = 2;

/**
 * Keeps encoders whose ffmpeg process runs already, since its start takes longer than the engine needs
 * for the first audio.
 *
 * A format is kept warm once it was asked for; variants at other sample rates or bitrates are not, as
 * there are many. The next process is started only when the one that
 * was taken has given its first bytes, so that it does not hold them back. {@link EncoderPool.close}
 * ends the idle ones; those that were taken belong to their taker.
 */
export class EncoderPool {
  readonly #idle = new Map<AudioFormatName, FfmpegStream[]>();
  #isClosed = false;

  /**
   * Makes ready for the first request.
   *
   * @param format - The format that is likely to be asked for.
   * @returns True if there is an ffmpeg that answers.
   */
  async warmUp(format: AudioFormat = AUDIO_FORMATS.mp3): Promise<boolean> {
    const hasFfmpeg = await warmUpFfmpeg();
    if (hasFfmpeg) {
      this.#fill(format);
    }
    return hasFfmpeg;
  }

  /**
   * Gives an encoder, as `createEncoder` does.
   *
   * @param format - The format to encode to.
   * @returns The encoder; the caller reads it to the end or destroys it.
   * @throws {SpeechError} `FFMPEG_MISSING` if the format needs ffmpeg and there is none.
   */
  take(format: AudioFormat): Duplex {
    if (!format.needsFfmpeg) {
      return createEncoder(format);
    }
    if (format !== AUDIO_FORMATS[format.name]) {
      return createFfmpegEncoder(format);
    }
    const encoder = this.#idle.get(format.name)?.shift() ?? createFfmpegEncoder(format);
    encoder.begun
      .then(() => {
        this.#fill(format);
      })
      // ffmpeg was taken away meanwhile; the next request says so
      .catch(() => undefined);
    return encoder;
  }

  /** Ends the idle processes and starts no more. */
  close(): void {
    this.#isClosed = true;
    for (const encoder of [...this.#idle.values()].flat()) {
      encoder.destroy();
    }
    this.#idle.clear();
  }

  #fill(format: AudioFormat): void {
    if (this.#isClosed) {
      return;
    }
    const idle = this.#idle.get(format.name) ?? [];
    this.#idle.set(format.name, idle);
    while (idle.length < SPARES) {
      const encoder = createFfmpegEncoder(format);
      // one that dies is not replaced before the next request, lest a broken ffmpeg is started for ever
      encoder.on('error', () => undefined);
      encoder.once('close', () => {
        const index = idle.indexOf(encoder);
        if (index >= 0) {
          idle.splice(index, 1);
        }
      });
      idle.push(encoder);
    }
  }
}
