import { Transform, type Duplex, type TransformCallback } from 'node:stream';
import { createFfmpegEncoder } from './ffmpeg-encoder.js';
import { SPEECH_SAMPLE_RATE, type AudioFormat } from './formats.js';
import { encodeAlaw, encodeMulaw } from './g711.js';
import { toS16, toS16Bytes } from './pcm.js';
import { Resampler } from './resampler.js';
import { makeWavHeader } from './wav-header.js';

/** Turns the samples of one stream into bytes, in process. */
interface ChunkEncoder {
  /** Takes mono samples at 24 kHz and returns the bytes that are now complete. */
  push(samples: Float32Array): Uint8Array;
  /** Returns the last bytes. */
  flush(): Uint8Array;
}

/**
 * Makes a stream that encodes speech.
 *
 * Write `Float32Array`s of mono samples at 24 kHz, read bytes while they are made; back-pressure
 * and destruction work as in any Node stream, and nothing of a destroyed encoder stays behind.
 * A WAV header carries the sizes of an endless stream; see `writeAudioFile` for exact ones.
 *
 * All formats get the same samples: 16 bits, rounded once, after the change of sample rate if there is one
 * (ffmpeg's formats before it).
 *
 * @param format - The format to encode to, at its sample rate and bitrate.
 * @returns The stream.
 * @throws {SpeechError} `FFMPEG_MISSING` if the format needs ffmpeg and there is none.
 */
export function createEncoder(format: AudioFormat): Duplex {
  switch (format.name) {
    case 'wav':
      return new InProcessEncoder(
        new SampleEncoder(toS16Bytes, format.sampleRate),
        makeWavHeader(undefined, format.sampleRate),
      );
    case 'pcm':
      return new InProcessEncoder(new SampleEncoder(toS16Bytes, format.sampleRate));
    case 'mulaw':
      return new InProcessEncoder(new SampleEncoder(toMulaw, format.sampleRate));
    case 'alaw':
      return new InProcessEncoder(new SampleEncoder(toAlaw, format.sampleRate));
    default:
      return createFfmpegEncoder(format);
  }
}

class InProcessEncoder extends Transform {
  readonly #encoder: ChunkEncoder;
  #header: Uint8Array | undefined;

  constructor(encoder: ChunkEncoder, header?: Uint8Array) {
    super({ writableObjectMode: true, writableHighWaterMark: 1 });
    this.#encoder = encoder;
    this.#header = header;
  }

  override _transform(samples: Float32Array, _: BufferEncoding, done: TransformCallback): void {
    this.#pushHeader();
    this.push(this.#encoder.push(samples));
    done();
  }

  override _flush(done: TransformCallback): void {
    this.#pushHeader();
    this.push(this.#encoder.flush());
    done();
  }

  #pushHeader(): void {
    if (this.#header !== undefined) {
      this.push(this.#header);
      this.#header = undefined;
    }
  }
}

/** Changes the sample rate, then codes sample by sample. */
class SampleEncoder implements ChunkEncoder {
  readonly #resampler: Resampler;
  readonly #toBytes: (samples: Float32Array) => Uint8Array;

  constructor(toBytes: (samples: Float32Array) => Uint8Array, sampleRate: number) {
    this.#toBytes = toBytes;
    this.#resampler = new Resampler(SPEECH_SAMPLE_RATE, sampleRate);
  }

  push(samples: Float32Array): Uint8Array {
    return this.#toBytes(this.#resampler.push(samples));
  }

  flush(): Uint8Array {
    return this.#toBytes(this.#resampler.flush());
  }
}

function toMulaw(samples: Float32Array): Uint8Array {
  return encodeMulaw(toS16(samples));
}

function toAlaw(samples: Float32Array): Uint8Array {
  return encodeAlaw(toS16(samples));
}
