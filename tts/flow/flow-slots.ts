import {
  Slot,
  SlotPool,
  type GraphSession,
  type StreamState,
  type TensorLike,
} from '../../kernels/index.js';
import type { FlowConfig } from './config.js';
import type { FlowNetwork, FlowPiece, FlowResult, FlowStream, FlowToken } from './flow-stream.js';

/** Tokens of each run: as few as leave the first audio early, in a shape that never changes. */
export const SLOT_TOKENS = 2;

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

/** The flow decoder with all streams in the slots of one state: a run is two tokens of each. */
export class FlowSlots implements FlowNetwork {
  readonly tokensPerRun = SLOT_TOKENS;
  readonly #session: GraphSession;
  readonly #config: FlowConfig;
  readonly #pool: SlotPool;
  #arrays: Arrays | undefined;

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

  /** Runs once for all that have two tokens. */
  async advance(pieces: readonly FlowPiece[]): Promise<FlowResult[]> {
    for (const { stream, tokens, isLast } of pieces) {
      stream.hold(tokens, isLast);
    }
    const streams = pieces.map(({ stream }) => stream).filter((stream) => this.#isReady(stream));
    const latents = streams.length > 0 ? await this.#run(streams) : NO_LATENTS;
    const given = new Map(streams.map((stream) => [stream, this.#take(stream, latents)]));
    return pieces.map(({ stream }) => ({
      latents: given.get(stream) ?? NO_LATENTS,
      isOver: stream.isEnded && stream.numOwedFrames === 0,
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

  #isReady(stream: FlowStream): boolean {
    if (stream.isEnded && stream.numOwedFrames > 0 && stream.held.length < SLOT_TOKENS) {
      // the frames of what is added are dropped
      stream.held.push(...Array<FlowToken>(SLOT_TOKENS - stream.held.length).fill(this.#padding));
    }
    return stream.held.length >= SLOT_TOKENS && !(stream.isEnded && stream.numOwedFrames === 0);
  }

  get #padding(): FlowToken {
    return { token: this.#config.padToken, phone: 0 };
  }

  #speaks(stream: FlowStream): boolean {
    return stream.numTokens >= this.#numSilentTokens;
  }

  async #run(streams: readonly FlowStream[]): Promise<Float32Array> {
    const slots = streams.map(({ state }) => Slot.of(state));
    const outputs = await this.#pool.run(slots, (numRows) => this.#pack(streams, numRows));
    return outputs['latents']!.data as Float32Array;
  }

  /** Moves a stream to where a run has brought it, and gives its frames of it. */
  #take(stream: FlowStream, latents: Float32Array): Float32Array {
    const { framesPerToken, latentDim } = this.#config;
    const { row } = Slot.of(stream.state);
    const size = SLOT_TOKENS * framesPerToken;
    const numFrames = this.#speaks(stream) ? Math.min(size, stream.numOwedFrames) : 0;
    stream.held.splice(0, SLOT_TOKENS);
    stream.numTokens += SLOT_TOKENS;
    stream.numFrames += numFrames;
    const start = row * size * latentDim;
    return latents.subarray(start, start + numFrames * latentDim);
  }

  #pack(streams: readonly FlowStream[], numRows: number): Record<string, TensorLike> {
    const numNoise = SLOT_TOKENS * this.#config.framesPerToken * this.#config.latentDim;
    if (this.#arrays?.voice.length !== numRows) {
      this.#arrays = {
        tokens: new Int32Array(numRows * SLOT_TOKENS),
        phones: new Int32Array(numRows * SLOT_TOKENS),
        heard: new Float32Array(numRows * SLOT_TOKENS),
        voice: new Int32Array(numRows),
        speaks: new Int32Array(numRows),
        noise: new Float32Array(numRows * numNoise),
      };
    }
    const { tokens, phones, heard, voice, speaks, noise } = this.#arrays;
    for (const stream of streams) {
      const { row } = Slot.of(stream.state);
      for (let index = 0; index < SLOT_TOKENS; index++) {
        const held = stream.held[index]!;
        tokens[row * SLOT_TOKENS + index] = held.token;
        phones[row * SLOT_TOKENS + index] = held.phone;
        heard[row * SLOT_TOKENS + index] = held === NO_TOKEN ? 0 : 1;
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
    const numFrames = SLOT_TOKENS * this.#config.framesPerToken;
    return {
      tokens: integers(tokens, [numRows, SLOT_TOKENS]),
      phones: integers(phones, [numRows, SLOT_TOKENS]),
      heard: { dtype: 'float32', shape: [numRows, SLOT_TOKENS, 1], data: heard },
      voice: integers(voice, [numRows]),
      speaks: integers(speaks, [numRows]),
      noise: { dtype: 'float32', shape: [numRows, numFrames, this.#config.latentDim], data: noise },
    };
  }
}
