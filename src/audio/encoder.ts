import { Transform, type Duplex, type TransformCallback } from 'node:stream';
import { createChunkEncoder, type ChunkEncoder } from './chunk-encoder.js';
import { createFfmpegEncoder } from './ffmpeg-encoder.js';
import type { AudioFormat } from './formats.js';
import { createLntStream } from './lnt-stream.js';

/**
 * Makes a stream that encodes speech.
 *
 * Write `Float32Array`s of mono samples at 24 kHz, read bytes while they are made; back-pressure
 * and destruction work as in any Node stream, and nothing of a destroyed encoder stays behind.
 * A WAV header carries the sizes of an endless stream; see `writeAudioFile` for exact ones.
 *
 * All formats but `lnt`, which gets them as they are, get the same samples: 16 bits, rounded once (G.711 after its
 * change of sample rate).
 *
 * @param format - The format to encode to.
 * @returns The stream.
 * @throws {SpeechError} `FFMPEG_MISSING` if the format needs ffmpeg and there is none; `OPTION_INVALID` if it is `lnt`
 * and does not say what it is made with.
 */
export function createEncoder(format: AudioFormat): Duplex {
  if (format.name === 'lnt') {
    return createLntStream(format);
  }
  return format.needsFfmpeg
    ? createFfmpegEncoder(format)
    : new InProcessEncoder(createChunkEncoder(format));
}

class InProcessEncoder extends Transform {
  readonly #encoder: ChunkEncoder;

  constructor(encoder: ChunkEncoder) {
    super({ writableObjectMode: true, writableHighWaterMark: 1 });
    this.#encoder = encoder;
  }

  override _transform(samples: Float32Array, _: BufferEncoding, done: TransformCallback): void {
    this.push(this.#encoder.push(samples));
    done();
  }

  override _flush(done: TransformCallback): void {
    this.push(this.#encoder.flush());
    done();
  }
}
