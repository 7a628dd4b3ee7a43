import { Transform, type Duplex, type TransformCallback } from 'node:stream';
import { SpeechError } from '../../base/errors.js';
import type { Codec, CodecKind } from '../../codecs/contract.js';
import { LntEncoder } from '../../codecs/lnt/lnt-encoder.js';
import type { AudioFormat, LntMaking } from './formats.js';

/** Blocks of speech that is heard while it comes, in seconds. */
export const STREAMED_BLOCK_SECONDS = 0.2;

/**
 * Completes the format `lnt` for speech, which is encoded from its samples.
 *
 * @param format - Any format; others are given back as they are.
 * @param engine - Lends the codec.
 * @param voice - Who speaks, which the file's tags say beside `"synthetic": true`.
 * @param options - `blockSeconds`: a second without it.
 * @returns A format that can be encoded to.
 */
export function forSpeech(
  format: AudioFormat,
  engine: { loadCodec(kind: CodecKind): Promise<Codec> },
  voice: string | undefined,
  options: { blockSeconds?: number } = {},
): AudioFormat {
  if (format.name !== 'lnt') {
    return format;
  }
  const tags = { synthetic: true, ...(voice === undefined ? {} : { voice }) };
  return { ...format, making: { loadCodec: () => engine.loadCodec('rvq'), tags, ...options } };
}

/**
 * Opens the encoder of one `.lnt` file.
 *
 * @param format - `lnt`, with what it is made with.
 * @returns The encoder.
 * @throws {SpeechError} What loading the codec throws; `OPTION_INVALID`.
 */
export async function openLntEncoder(format: AudioFormat): Promise<LntEncoder> {
  const { loadCodec, tags, blockSeconds } = makingOf(format);
  const { numCodebooks } = format;
  return new LntEncoder(await loadCodec(), {
    ...(tags === undefined ? {} : { tags }),
    ...(blockSeconds === undefined ? {} : { blockSeconds }),
    ...(numCodebooks === undefined ? {} : { numCodebooks }),
  });
}

/**
 * Makes a stream that encodes samples as a `.lnt` file.
 *
 * @param format - `lnt`, with what it is made with.
 * @returns The stream; destroying it frees the codec's.
 * @throws {SpeechError} `OPTION_INVALID` if the format does not say what it is made with.
 */
export function createLntStream(format: AudioFormat): Duplex {
  makingOf(format);
  return new LntStream(() => openLntEncoder(format));
}

function makingOf({ making }: AudioFormat): LntMaking {
  if (making === undefined) {
    throw new SpeechError(
      'OPTION_INVALID',
      'format is lnt, which is made of speech or with a codec; here it must be an audio format.',
      { option: 'format' },
    );
  }
  return making;
}

class LntStream extends Transform {
  readonly #open: () => Promise<LntEncoder>;
  #encoder: Promise<LntEncoder> | undefined;

  constructor(open: () => Promise<LntEncoder>) {
    super({ writableObjectMode: true, writableHighWaterMark: 1 });
    this.#open = open;
  }

  override _transform(samples: Float32Array, _: BufferEncoding, done: TransformCallback): void {
    this.#give((encoder) => encoder.push(samples), done);
  }

  override _flush(done: TransformCallback): void {
    this.#give((encoder) => encoder.finish(), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const end = () => {
      done(error);
    };
    Promise.resolve(this.#encoder)
      .then((encoder) => encoder?.close())
      .then(end, end);
  }

  #give(encode: (encoder: LntEncoder) => Promise<Uint8Array>, done: TransformCallback): void {
    this.#encoder ??= this.#open();
    this.#encoder.then(encode).then((bytes) => {
      if (bytes.length > 0) {
        this.push(bytes);
      }
      done();
    }, done);
  }
}
