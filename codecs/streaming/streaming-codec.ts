import { joinSamples } from '../../base/arrays.js';
import { SpeechError } from '../../base/errors.js';
import { checkCodes, readNumCodebooks } from '../checks.js';
import { concatCodes } from '../codes.js';
import type { Codec, Codes, DecoderStream, EncodeOptions, EncoderStream } from '../contract.js';
import { Described } from '../described.js';
import { TrimmedDecoderStream } from './decoder-stream.js';
import { encodeBatch } from './encode-batch.js';
import { BufferedEncoderStream } from './encoder-stream.js';
import type { FrameCodec } from './frame-codec.js';

/**
 * A {@link Codec} made of the networks of one. Whole files go through a stream of their own in
 * chunks, so that memory does not grow with the networks' work on a long file, and whole and
 * streamed results cannot differ.
 */
export class StreamingCodec extends Described implements Codec {
  readonly #parts: FrameCodec;

  /** @param parts - The networks; this object closes them. */
  constructor(parts: FrameCodec) {
    super(parts.properties);
    this.#parts = parts;
  }

  /**
   * Encodes through a stream of its own.
   *
   * @throws {SpeechError} `AUDIO_EMPTY`, `AUDIO_INVALID`, `OPTION_INVALID`.
   */
  async encode(pcm: Float32Array, options?: EncodeOptions): Promise<Codes> {
    if (pcm.length === 0) {
      throw new SpeechError('AUDIO_EMPTY', 'pcm has no samples; at least one is needed.');
    }
    const stream = this.encoder(options);
    try {
      return concatCodes([await stream.push(pcm), await stream.flush()]);
    } finally {
      await stream.close();
    }
  }

  /**
   * Encodes several recordings in shared runs.
   *
   * @throws {SpeechError} `AUDIO_EMPTY`, `AUDIO_INVALID`, `OPTION_INVALID`.
   */
  async encodeBatch(pcms: readonly Float32Array[], options?: EncodeOptions): Promise<Codes[]> {
    return encodeBatch(this.#parts, pcms, readNumCodebooks(this, options));
  }

  /**
   * Decodes through a stream of its own.
   *
   * @throws {SpeechError} `CODE_OUT_OF_RANGE`, `INPUT_SHAPE_MISMATCH`.
   */
  async decode(codes: Codes): Promise<Float32Array> {
    checkCodes(this, codes);
    const stream = this.decoder();
    try {
      const samples = await stream.push(codes);
      const tail = await stream.flush();
      return tail.length === 0 ? samples : joinSamples([samples, tail]);
    } finally {
      await stream.close();
    }
  }

  /** Opens a stream of samples. @throws {SpeechError} `OPTION_INVALID` for levels it does not have. */
  encoder(options?: EncodeOptions): EncoderStream {
    const numCodebooks = readNumCodebooks(this, options);
    const frames = this.#parts.openEncoder();
    return new BufferedEncoderStream(this, this.#parts.overlap, frames, numCodebooks);
  }

  /** Opens a stream of tokens. */
  decoder(): DecoderStream {
    return new TrimmedDecoderStream(this, this.#parts.overlap, this.#parts.openDecoder());
  }

  /** Frees the networks, also under streams that are open. */
  close(): Promise<void> {
    return this.#parts.close();
  }
}
