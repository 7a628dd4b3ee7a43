import { join } from 'node:path';
import { SpeechError } from '../../base/errors.js';
import {
  int32,
  readSafetensors,
  streamStates,
  Weights,
  type GraphSession,
  type Runtime,
  type StateBlock,
  type Tensors,
} from '../../kernels/index.js';
import { fillNormal } from '../noise.js';
import { findVoiceRow } from '../voices/voices.js';
import { readFlowConfig, type FlowConfig } from './config.js';
import { buildFlowGraph } from './flow-graph.js';

/** How a stream is to sound. */
export type FlowOptions = {
  /** Id of the voice. */
  voice: string;
  /** 0 to 2^32 - 1. */
  seed: number;
};

/** A token, and what it speaks. */
export type FlowToken = {
  /** The token, in `[0, cardinality)`. */
  token: number;
  /** Index in the phone set of the phone under the language model's pointer. */
  phone: number;
};

/** The phone of a token after the last. */
const NO_PHONE = 0;

/** The flow decoder: tokens to the codec's latents. The network is shared by all streams. */
export class FlowDecoder {
  readonly config: FlowConfig;
  readonly #session: GraphSession;

  private constructor(config: FlowConfig, session: GraphSession) {
    this.config = config;
    this.#session = session;
  }

  /**
   * Loads the model of a folder.
   *
   * @param runtime - Where it runs.
   * @param folder - With `model.safetensors` and `config.json`.
   * @throws {SpeechError} `FILE_NOT_FOUND`, `MODEL_INVALID`.
   */
  static async load(runtime: Runtime, folder: string): Promise<FlowDecoder> {
    const config = readFlowConfig(join(folder, 'config.json'));
    const tensors = await readSafetensors(join(folder, 'model.safetensors'));
    return FlowDecoder.create(runtime, tensors, config);
  }

  /**
   * Builds the model from tensors.
   *
   * @param runtime - Where it runs.
   * @param tensors - Named as in training.
   * @param config - Sizes and defaults.
   * @throws {SpeechError} `MODEL_INVALID` if a tensor is missing.
   */
  static async create(
    runtime: Runtime,
    tensors: Tensors,
    config: FlowConfig,
  ): Promise<FlowDecoder> {
    const format = runtime.precision === 'quantized' ? 'int8-rows' : 'float32';
    const { model, numStates } = buildFlowGraph(new Weights(tensors), config, format);
    const session = await runtime.load('flow', model, { stateNames: streamStates(numStates) });
    return new FlowDecoder(config, session);
  }

  /**
   * Opens a stream.
   *
   * @param options - Voice and seed.
   * @throws {SpeechError} `VOICE_UNKNOWN`.
   */
  stream({ voice, seed }: FlowOptions): FlowStream {
    const voiceRow = findVoiceRow(this.config.voiceIds, voice);
    return new FlowStream(this.#session, this.config, voiceRow, seed);
  }

  /** Frees the network. */
  close(): Promise<void> {
    return this.#session.close();
  }
}

/** Tokens to latents, for one stream of speech. */
export class FlowStream {
  readonly #session: GraphSession;
  readonly #config: FlowConfig;
  readonly #voiceRow: number;
  readonly #seed: number;
  readonly #state: StateBlock;
  /** Tokens that do not yet reach beyond the look-ahead. */
  readonly #held: FlowToken[] = [];
  #numTokens = 0;
  #numFrames = 0;

  /** Made by {@link FlowDecoder.stream}. */
  constructor(session: GraphSession, config: FlowConfig, voiceRow: number, seed: number) {
    this.#session = session;
    this.#config = config;
    this.#voiceRow = voiceRow;
    this.#seed = seed;
    this.#state = session.newState();
  }

  /**
   * Takes the next tokens. How they are cut into pushes changes nothing.
   *
   * @param tokens - Any number, even none.
   * @param isLast - No token follows; what stands for the look-ahead is as in training.
   * @returns Latents of the codec `[T, Z]`: two frames for each token whose look-ahead is complete.
   * @throws {SpeechError} `STATE_INVALID` after `close`.
   */
  async push(tokens: readonly FlowToken[], isLast = false): Promise<Float32Array> {
    const { lookahead, padToken, framesPerToken } = this.#config;
    this.#held.push(...tokens);
    if (isLast) {
      this.#held.push(...Array<FlowToken>(lookahead).fill({ token: padToken, phone: NO_PHONE }));
    }
    // the condition of a token comes when its look-ahead is complete; the first few stand for none
    const skip = Math.max(0, lookahead - this.#numTokens);
    if (this.#held.length <= skip) {
      return new Float32Array(0);
    }
    const input = this.#held.splice(0);
    const numFrames = framesPerToken * (input.length - skip);
    const { latents } = await this.#session.runWithState(
      {
        tokens: int32(
          [1, input.length],
          input.map(({ token }) => token),
        ),
        phones: int32(
          [1, input.length],
          input.map(({ phone }) => phone),
        ),
        skip: int32([1], [skip]),
        voice: int32([1], [this.#voiceRow]),
        noise: {
          dtype: 'float32',
          shape: [1, numFrames, this.#config.latentDim],
          data: this.#noise(numFrames),
        },
      },
      this.#state,
    );
    if (!(latents?.data instanceof Float32Array)) {
      throw new SpeechError('INTERNAL', 'The flow decoder gave no result.');
    }
    this.#numTokens += input.length;
    this.#numFrames += numFrames;
    return latents.data;
  }

  /** Frees the state. */
  close(): void {
    this.#state.close();
  }

  /** Noise belongs to frames, not to runs, so that it is the same in any cut. */
  #noise(numFrames: number): Float32Array {
    const { latentDim, noiseScale } = this.#config;
    const noise = new Float32Array(numFrames * latentDim);
    for (let frame = 0; frame < numFrames; frame++) {
      const row = noise.subarray(frame * latentDim, (frame + 1) * latentDim);
      fillNormal(row, this.#seed, 'flow', this.#numFrames + frame, noiseScale);
    }
    return noise;
  }
}
