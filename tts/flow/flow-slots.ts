import {
  Slot,
  SlotPool,
  type GraphSession,
  type StreamState,
  type TensorLike,
} from '../../kernels/index.js';
import type { FlowConfig } from './config.js';
import type { FlowNetwork, FlowPiece, FlowResult, FlowStream, FlowToken } from './flow-stream.js';

/**
 * Tokens of a run: as few as leave the first audio early, or, where nobody waits, as many as make runs
 * rare. There are only these two, since a GPU compiles its shaders anew for each shape.
 */
export const SLOT_TOKENS = 2;
/** See {@link SLOT_TOKENS}. */
export const LONG_SLOT_TOKENS = 8;

/** Stands for none: it comes before a stream's first tokens, so that look-ahead and runs fit together. */
const NO_TOKEN: FlowToken = { token: 0, phone: 0 };

/** The inputs of `buildFlowGraph` for a number of rows, used again by each run. */
type Arrays = {
  tokens: Int32Array;
  phones: Int32Array;
  heard: Float32Array;
  voice: Int32Array;
  speaks: Int32Array;
  noise: Float32Array;
};

const NO_LATENTS = new Float32Array(0);

/** The flow decoder with all streams in the slots of one state: a run takes two tokens of each, or eight. */
export class FlowSlots implements FlowNetwork {
  readonly tokensPerRun = SLOT_TOKENS;
  readonly #session: GraphSession;
  readonly #config: FlowConfig;
  readonly #pool: SlotPool;
  /** By the tokens of a run. */
  readonly #arrays = new Map<number, Arrays>();

  /** @param session - The graph of `buildFlowGraph` with slots. @param config - Its sizes. */
  constructor(session: GraphSession, config: FlowConfig) {
    this.#session = session;
    this.#config = config;
    this.#pool = new SlotPool(session);
  }

  /** A state for a new stream. */
  newState(): StreamState {
    return this.#pool.open();
  }

  /** As many that stand for none as fill the look-ahead's last run. */
  newTokens(): FlowToken[] {
    const { lookahead } = this.#config;
    return Array<FlowToken>(this.#numSilentTokens - lookahead).fill(NO_TOKEN);
  }

  /** Runs once for all that have two tokens; with eight of each, if all have them or their last ones. */
  async advance(pieces: readonly FlowPiece[]): Promise<FlowResult[]> {
    for (const { stream, tokens, isLast } of pieces) {
      stream.hold(tokens, isLast);
    }
    const all = pieces.map(({ stream }) => stream).filter((stream) => !this.#isOver(stream));
    const numTokens = all.every((stream) => this.#hasLongRun(stream))
      ? LONG_SLOT_TOKENS
      : SLOT_TOKENS;
    const streams = all.filter((stream) => this.#fill(stream, numTokens));
    const latents = streams.length > 0 ? await this.#run(streams, numTokens) : NO_LATENTS;
    const given = new Map(
      streams.map((stream) => [stream, this.#take(stream, latents, numTokens)]),
    );
    return pieces.map(({ stream }) => ({
      latents: given.get(stream) ?? NO_LATENTS,
      isOver: this.#isOver(stream),
    }));
  }

  /** Frees the network. */
  close(): Promise<void> {
    this.#pool.close();
    return this.#session.close();
  }

  /** Tokens, true ones or not, that a stream has before it speaks: its look-ahead, in whole runs. */
  get #numSilentTokens(): number {
    return Math.ceil(this.#config.lookahead / SLOT_TOKENS) * SLOT_TOKENS;
  }

  #isOver(stream: FlowStream): boolean {
    return stream.isEnded && stream.numOwedFrames === 0;
  }

  #hasLongRun(stream: FlowStream): boolean {
    const isEnough = stream.held.length >= LONG_SLOT_TOKENS;
    return (
      this.#speaks(stream) && (isEnough || (stream.isEnded && stream.held.length > SLOT_TOKENS))
    );
  }

  /** Whether a stream has tokens for a run; after its last one they are added, and their frames dropped. */
  #fill(stream: FlowStream, numTokens: number): boolean {
    if (stream.isEnded && stream.held.length < numTokens) {
      stream.held.push(...Array<FlowToken>(numTokens - stream.held.length).fill(this.#padding));
    }
    return stream.held.length >= numTokens;
  }

  get #padding(): FlowToken {
    return { token: this.#config.padToken, phone: 0 };
  }

  #speaks(stream: FlowStream): boolean {
    return stream.numTokens >= this.#numSilentTokens;
  }

  async #run(streams: readonly FlowStream[], numTokens: number): Promise<Float32Array> {
    const slots = streams.map(({ state }) => Slot.of(state));
    const outputs = await this.#pool.run(slots, (numRows) =>
      this.#pack(streams, numRows, numTokens),
    );
    return outputs['latents']!.data as Float32Array;
  }

  /** Moves a stream to where a run has brought it, and gives its frames of it. */
  #take(stream: FlowStream, latents: Float32Array, numTokens: number): Float32Array {
    const { framesPerToken, latentDim } = this.#config;
    const { row } = Slot.of(stream.state);
    const size = numTokens * framesPerToken;
    const numFrames = this.#speaks(stream) ? Math.min(size, stream.numOwedFrames) : 0;
    stream.held.splice(0, numTokens);
    stream.numTokens += numTokens;
    stream.numFrames += numFrames;
    const start = row * size * latentDim;
    return latents.subarray(start, start + numFrames * latentDim);
  }

  #pack(
    streams: readonly FlowStream[],
    numRows: number,
    numTokens: number,
  ): Record<string, TensorLike> {
    const numNoise = numTokens * this.#config.framesPerToken * this.#config.latentDim;
    let arrays = this.#arrays.get(numTokens);
    if (arrays?.voice.length !== numRows) {
      arrays = {
        tokens: new Int32Array(numRows * numTokens),
        phones: new Int32Array(numRows * numTokens),
        heard: new Float32Array(numRows * numTokens),
        voice: new Int32Array(numRows),
        speaks: new Int32Array(numRows),
        noise: new Float32Array(numRows * numNoise),
      };
      this.#arrays.set(numTokens, arrays);
    }
    const { tokens, phones, heard, voice, speaks, noise } = arrays;
    for (const stream of streams) {
      const { row } = Slot.of(stream.state);
      for (let index = 0; index < numTokens; index++) {
        const held = stream.held[index]!;
        tokens[row * numTokens + index] = held.token;
        phones[row * numTokens + index] = held.phone;
        heard[row * numTokens + index] = held === NO_TOKEN ? 0 : 1;
      }
      voice[row] = stream.voiceRow;
      speaks[row] = Number(this.#speaks(stream));
      if (this.#speaks(stream)) {
        stream.fillNoise(noise.subarray(row * numNoise, (row + 1) * numNoise));
      }
    }
    const integers = (data: Int32Array, shape: number[]): TensorLike => {
      return { dtype: 'int32', shape, data };
    };
    const numFrames = numTokens * this.#config.framesPerToken;
    return {
      tokens: integers(tokens, [numRows, numTokens]),
      phones: integers(phones, [numRows, numTokens]),
      heard: { dtype: 'float32', shape: [numRows, numTokens, 1], data: heard },
      voice: integers(voice, [numRows]),
      speaks: integers(speaks, [numRows]),
      noise: { dtype: 'float32', shape: [numRows, numFrames, this.#config.latentDim], data: noise },
    };
  }
}
