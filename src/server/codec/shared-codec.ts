import type PQueue from 'p-queue';
import { joinSamples } from '../../../base/arrays.js';
import type {
  Codec,
  Codes,
  DecoderStream,
  EncodeOptions,
  EncoderStream,
} from '../../../codecs/contract.js';
import { Described } from '../../../codecs/described.js';

/** Audio that is decoded in a turn; it takes several times as long as to encode it. */
const DECODE_SECONDS = 0.2;

/**
 * A codec whose work is done in small pieces, each in a turn of a queue: so that speech, which has the same networks,
 * waits for one piece at a time, and everyone who encodes or decodes comes in turn.
 */
export class SharedCodec extends Described implements Codec {
  readonly #codec: Codec;
  readonly #turns: PQueue;

  /**
   * @param codec - What does the work.
   * @param turns - The queue of all who share it.
   */
  constructor(codec: Codec, turns: PQueue) {
    super(codec);
    this.#codec = codec;
    this.#turns = turns;
  }

  /** See `Codec.encode`; in one turn. */
  encode(pcm: Float32Array, options?: EncodeOptions): Promise<Codes> {
    return this.#turns.add(() => this.#codec.encode(pcm, options));
  }

  /** See `Codec.encodeBatch`; in one turn. */
  encodeBatch(pcms: readonly Float32Array[], options?: EncodeOptions): Promise<Codes[]> {
    return this.#turns.add(() => this.#codec.encodeBatch(pcms, options));
  }

  /** See `Codec.decode`; in one turn. */
  decode(codes: Codes): Promise<Float32Array> {
    return this.#turns.add(() => this.#codec.decode(codes));
  }

  /** See `Codec.encoder`; a turn for each push, which is best a second. */
  encoder(options?: EncodeOptions): EncoderStream {
    const encoder = this.#codec.encoder(options);
    return {
      push: (pcm) => this.#turns.add(() => encoder.push(pcm)),
      flush: () => this.#turns.add(() => encoder.flush()),
      reset: () => encoder.reset(),
      close: () => encoder.close(),
    };
  }

  /** See `Codec.decoder`; several turns for a push, since a file may have long blocks. */
  decoder(): DecoderStream {
    const decoder = this.#codec.decoder();
    return {
      push: async (codes) => {
        const parts: Float32Array[] = [];
        for (const piece of cutCodes(codes, this)) {
          parts.push(await this.#turns.add(() => decoder.push(piece)));
        }
        return parts.length === 1 ? parts[0]! : joinSamples(parts);
      },
      flush: () => this.#turns.add(() => decoder.flush()),
      reset: () => decoder.reset(),
      close: () => decoder.close(),
    };
  }

  /** See `Codec.close`. */
  close(): Promise<void> {
    return this.#codec.close();
  }
}

function* cutCodes(codes: Codes, { frameRate, frameSize }: Described): Generator<Codes> {
  const { data, numFrames, numCodebooks, numSamples } = codes;
  const maxFrames = Math.max(1, Math.floor(frameRate * DECODE_SECONDS));
  let numLeft = numSamples;
  for (let first = 0; first < numFrames; first += maxFrames) {
    const count = Math.min(maxFrames, numFrames - first);
    const part = data.subarray(first * numCodebooks, (first + count) * numCodebooks);
    const covered = Math.min(numLeft, count * frameSize);
    numLeft -= covered;
    yield { data: part, numFrames: count, numCodebooks, numSamples: covered };
  }
}
