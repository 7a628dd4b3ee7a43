import { joinBytes } from '../../base/arrays.js';
import type { Codec, EncoderStream } from '../contract.js';
import type { CodeTables } from './code-tables.js';
import { headerOf } from './codec-header.js';
import type { LntTags } from './lnt-header.js';
import { LntWriter } from './lnt-writer.js';

/** What goes into a token file beside the tokens. */
export type LntOptions = {
  /** What is said about the recording: a JSON object of at most 65,536 bytes. */
  tags?: LntTags;
  /** Tables by which the codes are entropy-coded; they are packed without it. */
  tables?: CodeTables | undefined;
};

/** Options of {@link LntEncoder}. */
export type LntEncodeOptions = LntOptions & {
  /** Levels to keep, 1 to the codec's; all of them by default. */
  numCodebooks?: number;
  /**
   * Length of a block in seconds, 1 by default; cut to whole frames. Shorter ones come sooner and cost more: each takes
   * 14 bytes.
   */
  blockSeconds?: number;
};

/** Turns the samples of one stream into the bytes of a `.lnt` file. */
export class LntEncoder {
  readonly #encoder: EncoderStream;
  readonly #writer: LntWriter;

  /**
   * @param codec - The codec, which the file names.
   * @param options - What to keep and to say.
   * @throws {SpeechError} `OPTION_INVALID` for a number of codebooks that the codec does not have or tags that are too
   * long.
   */
  constructor(
    codec: Codec,
    { numCodebooks = codec.numCodebooks, tags, tables, blockSeconds }: LntEncodeOptions = {},
  ) {
    this.#encoder = codec.encoder({ numCodebooks });
    try {
      this.#writer = new LntWriter(headerOf(codec, numCodebooks, tags, blockSeconds), { tables });
    } catch (error) {
      void this.#encoder.close();
      throw error;
    }
  }

  /**
   * Takes the next samples.
   *
   * @param samples - Mono samples at the codec's rate, any number of them; few long pushes are quicker.
   * @returns The bytes that are complete: none, or a block or more, before the first of them the header.
   * @throws {SpeechError} What the codec throws.
   */
  async push(samples: Float32Array): Promise<Uint8Array> {
    return this.#writer.pushCodes(await this.#encoder.push(samples));
  }

  /**
   * Ends the file.
   *
   * @returns Its last bytes.
   * @throws {SpeechError} `AUDIO_EMPTY` if there were no samples; what the codec throws.
   */
  async finish(): Promise<Uint8Array> {
    const last = this.#writer.pushCodes(await this.#encoder.flush());
    return joinBytes([last, this.#writer.finish()]);
  }

  /** Frees the codec's stream, at any time. */
  close(): Promise<void> {
    return this.#encoder.close();
  }
}
