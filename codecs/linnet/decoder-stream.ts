import { joinSamples } from '../../base/arrays.js';
import { SpeechError } from '../../base/errors.js';
import type { StreamState } from '../../kernels/index.js';
import { overlapOf, type LatentCodecConfig } from './config.js';

/** What a stream goes on by. */
export type DecoderPiece = {
  stream: LatentDecoderStream;
  /** `[T, latentDim]`; even none. */
  latents: Float32Array;
  /** No frame follows. */
  isLast: boolean;
};

/** What became of a {@link DecoderPiece}. */
export type DecoderResult = {
  /** Samples, as of {@link LatentDecoderStream.push}; valid until the next run. */
  samples: Float32Array;
  /** Whether nothing is left, now that no frame follows. */
  isOver: boolean;
};

/** Where a {@link LatentDecoderStream} stands: frames that had no run, the last one, samples to come. */
export type DecoderPlace = {
  held: Float32Array;
  last: Float32Array;
  early: number;
  numOwed: number;
};

/** The network as its streams see it: each by itself, or all in the slots of one state. */
export interface DecoderNetwork {
  /** Frames of each run; undefined if a run takes any number. */
  readonly framesPerRun: number | undefined;
  /** Makes a new stream's state. */
  newState(): StreamState;
  /** Takes frames and makes at most one run. */
  advance(pieces: readonly DecoderPiece[]): Promise<DecoderResult[]>;
  /** Frees the network. */
  close(): Promise<void>;
}

const NO_SAMPLES = new Float32Array(0);

/** What one stream of a `LatentDecoder` remembers. Its calls must not overlap. */
export class LatentDecoderStream {
  readonly state: StreamState;
  readonly #network: DecoderNetwork;
  readonly #config: LatentCodecConfig;
  /** Frames that had no run yet. */
  #held: Float32Array = NO_SAMPLES;
  /** Samples still to come that lie before the audio, and those that belong to it. */
  #early: number;
  #numOwed = 0;
  #lastFrame: Float32Array | undefined;
  #isEnded = false;

  /**
   * @param network - The network.
   * @param config - The codec's sizes.
   */
  constructor(network: DecoderNetwork, config: LatentCodecConfig) {
    this.#network = network;
    this.#config = config;
    this.state = network.newState();
    this.#early = overlapOf(config);
  }

  /** Frames that had no run yet. */
  get numHeld(): number {
    return this.#held.length / this.#config.latentDim;
  }

  /** Whether no frame follows and all samples were given. */
  get isOver(): boolean {
    return this.#isEnded && this.#numOwed === 0;
  }

  /**
   * Decodes the next latents.
   *
   * @param z - `[T, latentDim]` as the encoder makes them, not normalised; even none.
   * @returns `480 T` samples, less those of `overlapOf` at the start of the stream, nominally in
   * `[-1, 1]`; on slots, of each four frames.
   * @throws {SpeechError} `INPUT_SHAPE_MISMATCH` if `z` is no whole number of frames.
   */
  push(z: Float32Array): Promise<Float32Array> {
    return this.#run(z, false);
  }

  /**
   * Ends the latents: repeats the last frame until everything before it is complete. The stream is
   * then as new.
   *
   * @returns The samples by which the audio trailed the frames; none without frames.
   */
  async flush(): Promise<Float32Array> {
    const tail = await this.#run(NO_SAMPLES, true);
    this.reset();
    return tail;
  }

  /**
   * Takes frames without running the network.
   *
   * @param z - As for {@link push}.
   * @param isLast - No frame follows: what completes the last ones is added, once.
   * @throws {SpeechError} As {@link push}.
   */
  hold(z: Float32Array, isLast: boolean): void {
    const { latentDim, frameSize } = this.#config;
    if (z.length % latentDim !== 0) {
      throw new SpeechError(
        'INPUT_SHAPE_MISMATCH',
        `z has ${z.length} numbers; frames of ${latentDim} are wanted.`,
        { length: z.length, latentDim },
      );
    }
    if (z.length > 0) {
      this.#held = this.#held.length === 0 ? z.slice() : joinSamples([this.#held, z]);
      this.#lastFrame = this.#held.slice(-latentDim);
      this.#numOwed += (z.length / latentDim) * frameSize;
    }
    if (isLast && !this.#isEnded) {
      this.#isEnded = true;
      this.#repeatLast();
    }
  }

  /**
   * Takes frames for a run.
   *
   * @param count - At most {@link numHeld}.
   * @returns `[count, latentDim]`.
   */
  takeFrames(count: number): Float32Array {
    const length = count * this.#config.latentDim;
    const frames = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    return frames;
  }

  /**
   * Takes what a run gave.
   *
   * @param samples - Of the frames that were taken.
   * @returns Those that belong to the audio.
   */
  accept(samples: Float32Array): Float32Array {
    const early = Math.min(this.#early, samples.length);
    this.#early -= early;
    const audio = samples.subarray(early, early + this.#numOwed);
    this.#numOwed -= audio.length;
    return audio;
  }

  /** Where it stands, but for the state of the network; for {@link restore}. */
  snapshot(): DecoderPlace {
    return {
      held: this.#held.slice(),
      last: this.#lastFrame?.slice() ?? NO_SAMPLES,
      early: this.#early,
      numOwed: this.#numOwed,
    };
  }

  /**
   * Goes on from a {@link snapshot}, taken where a run takes as many frames.
   *
   * @throws {SpeechError} `STATE_INVALID` if it holds no whole frames.
   */
  restore({ held, last, early, numOwed }: DecoderPlace): void {
    const { latentDim } = this.#config;
    if (held.length % latentDim !== 0 || (last.length !== 0 && last.length !== latentDim)) {
      throw new SpeechError('STATE_INVALID', 'The snapshot of the decoder holds no whole frames.');
    }
    this.#held = held;
    this.#lastFrame = last.length === 0 ? undefined : last;
    this.#early = early;
    this.#numOwed = numOwed;
  }

  /** Goes back to the state before the first frame. */
  reset(): void {
    this.state.reset();
    this.#held = NO_SAMPLES;
    this.#early = overlapOf(this.#config);
    this.#numOwed = 0;
    this.#lastFrame = undefined;
    this.#isEnded = false;
  }

  /** Frees the state. */
  close(): void {
    this.state.close();
  }

  async #run(z: Float32Array, isLast: boolean): Promise<Float32Array> {
    const { framesPerRun } = this.#network;
    const pieces: Float32Array[] = [];
    let latents = z;
    let isOver = false;
    do {
      const [result] = await this.#network.advance([{ stream: this, latents, isLast }]);
      pieces.push(result!.samples);
      isOver = result!.isOver;
      latents = NO_SAMPLES;
    } while (framesPerRun !== undefined && this.numHeld >= framesPerRun && !isOver);
    return pieces.length === 1 ? pieces[0]! : joinSamples(pieces);
  }

  /** Adds the last frame again until all before it is complete, and the last run is full. */
  #repeatLast(): void {
    const { latentDim, frameSize } = this.#config;
    const last = this.#lastFrame;
    if (last === undefined) {
      return;
    }
    const { framesPerRun = 1 } = this.#network;
    const least = this.numHeld + Math.ceil(overlapOf(this.#config) / frameSize);
    const numFrames = Math.ceil(least / framesPerRun) * framesPerRun;
    const held = new Float32Array(numFrames * latentDim);
    held.set(this.#held);
    for (let start = this.#held.length; start < held.length; start += latentDim) {
      held.set(last, start);
    }
    this.#held = held;
  }
}
