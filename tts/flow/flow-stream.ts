import { joinSamples } from '../../base/arrays.js';
import type { StreamState } from '../../kernels/index.js';
import { fillNormal } from '../noise.js';
import type { FlowConfig } from './config.js';

/** A token, and what it speaks. */
export type FlowToken = {
  /** The token, in `[0, cardinality)`. */
  token: number;
  /** Index in the phone set of the phone under the language model's pointer. */
  phone: number;
};

/** The phone of a token after the last. */
const NO_PHONE = 0;

/** What a stream goes on by. */
export type FlowPiece = {
  stream: FlowStream;
  /** Any number, even none. */
  tokens: readonly FlowToken[];
  /** No token follows. */
  isLast: boolean;
};

/** What became of a {@link FlowPiece}. */
export type FlowResult = {
  /** `[T, Z]`; valid until the next run. */
  latents: Float32Array;
  /** Whether nothing is left, now that no token follows. */
  isOver: boolean;
};

/** Where a {@link FlowStream} stands: tokens that had no run; how many had one, frames, tokens pushed. */
export type FlowPlace = {
  held: FlowToken[];
  numTokens: number;
  numFrames: number;
  numPushed: number;
};

/** The network as its streams see it: each by itself, or all in the slots of one state. */
export interface FlowNetwork {
  /** Tokens of each run; undefined if a run takes any number. */
  readonly tokensPerRun: number | undefined;
  /** Makes a new stream's state. */
  newState(): StreamState;
  /** What the tokens of a new stream follow. */
  newTokens(): FlowToken[];
  /** Takes tokens and makes at most one run. */
  advance(pieces: readonly FlowPiece[]): Promise<FlowResult[]>;
  /** Frees the network. */
  close(): Promise<void>;
}

/** Tokens to latents, for one stream of speech. */
export class FlowStream {
  readonly voiceRow: number;
  readonly state: StreamState;
  /** Tokens that had no run yet. */
  readonly held: FlowToken[];
  /** Tokens that had one. */
  numTokens = 0;
  /** Latent frames that were given. */
  numFrames = 0;
  readonly #network: FlowNetwork;
  readonly #config: FlowConfig;
  readonly #seed: number;
  #numPushed = 0;
  #isEnded = false;

  /**
   * @param network - The network.
   * @param config - Its sizes.
   * @param voiceRow - Row of the voice.
   * @param seed - Of the noise.
   */
  constructor(network: FlowNetwork, config: FlowConfig, voiceRow: number, seed: number) {
    this.#network = network;
    this.#config = config;
    this.#seed = seed;
    this.voiceRow = voiceRow;
    this.state = network.newState();
    this.held = network.newTokens();
  }

  /** Tokens that are still to come for the next run; undefined if it takes any number. */
  get numWanted(): number | undefined {
    const { tokensPerRun } = this.#network;
    return tokensPerRun && Math.max(0, tokensPerRun - this.held.length);
  }

  /** Frames of the tokens so far that were not given yet. */
  get numOwedFrames(): number {
    return this.#config.framesPerToken * this.#numPushed - this.numFrames;
  }

  /** Whether no token follows. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /**
   * Takes the next tokens. How they are cut into pushes changes nothing.
   *
   * @param tokens - Any number, even none.
   * @param isLast - No token follows; what stands for the look-ahead is as in training.
   * @returns Latents of the codec `[T, Z]`: two frames for each token whose look-ahead is complete (on
   * slots, for each pair of them).
   * @throws {SpeechError} `STATE_INVALID` after `close`.
   */
  async push(tokens: readonly FlowToken[], isLast = false): Promise<Float32Array> {
    const pieces: Float32Array[] = [];
    let isOver = false;
    let rest = tokens;
    do {
      const [result] = await this.#network.advance([{ stream: this, tokens: rest, isLast }]);
      pieces.push(result!.latents.slice());
      isOver = result!.isOver;
      rest = [];
    } while (!isOver && (isLast || this.numWanted === 0));
    return joinSamples(pieces);
  }

  /**
   * Takes tokens without running the network.
   *
   * @param tokens - Any number, even none.
   * @param isLast - No token follows: what stands for the look-ahead is added, once.
   */
  hold(tokens: readonly FlowToken[], isLast: boolean): void {
    this.held.push(...tokens);
    this.#numPushed += tokens.length;
    if (isLast && !this.#isEnded) {
      this.#isEnded = true;
      const { lookahead, padToken } = this.#config;
      this.held.push(...Array<FlowToken>(lookahead).fill({ token: padToken, phone: NO_PHONE }));
    }
  }

  /**
   * Makes the noise of the next frames. It belongs to frames, not to runs, so that it is the same in
   * any cut.
   *
   * @param noise - Receives it, `[T, Z]`.
   */
  fillNoise(noise: Float32Array): void {
    const { latentDim, noiseScale } = this.#config;
    for (let start = 0; start < noise.length; start += latentDim) {
      const frame = this.numFrames + start / latentDim;
      const row = noise.subarray(start, start + latentDim);
      fillNormal(row, this.#seed, 'flow', frame, noiseScale);
    }
  }

  /** Where it stands, but for the state of the network; for {@link restore}. */
  snapshot(): FlowPlace {
    const { held, numTokens, numFrames } = this;
    return { held: [...held], numTokens, numFrames, numPushed: this.#numPushed };
  }

  /** Goes on from a {@link snapshot}, taken where a run takes as many tokens. */
  restore({ held, numTokens, numFrames, numPushed }: FlowPlace): void {
    if (numPushed === 0) {
      // what stands for none before the first token is there already
      return;
    }
    this.held.splice(0, Infinity, ...held);
    this.numTokens = numTokens;
    this.numFrames = numFrames;
    this.#numPushed = numPushed;
  }

  /** Frees the state. */
  close(): void {
    this.state.close();
  }
}
