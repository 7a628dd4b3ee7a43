import { SpeechError } from '../../base/errors.js';
import {
  float32,
  streamStates,
  type GraphSession,
  type Runtime,
  type StateBlock,
  type Weights,
} from '../../kernels/index.js';
import { overlapOf, type LatentCodecConfig } from './config.js';
import { buildDecoderGraph } from './decoder-graph.js';

/** Latents to samples. One network, shared by any number of streams. */
export class LatentDecoder {
  /** The codec's sizes. */
  readonly config: LatentCodecConfig;
  readonly #session: GraphSession;

  private constructor(session: GraphSession, config: LatentCodecConfig) {
    this.#session = session;
    this.config = config;
  }

  /**
   * Loads the network.
   *
   * @param runtime - Where it runs.
   * @param weights - The codec's weights.
   * @param config - The codec's sizes.
   * @throws {SpeechError} `MODEL_INVALID` if a tensor is missing or does not fit.
   */
  static async load(
    runtime: Runtime,
    weights: Weights,
    config: LatentCodecConfig,
  ): Promise<LatentDecoder> {
    const format = runtime.precision === 'quantized' ? 'int8-rows' : 'float32';
    const graph = buildDecoderGraph(weights, config, format);
    const stateNames = streamStates(graph.numStates);
    const session = await runtime.load('codec-decoder', graph.build(), { stateNames });
    return new LatentDecoder(session, config);
  }

  /** Opens a stream with its own state, which costs some hundred kilobytes. */
  stream(): LatentDecoderStream {
    return new LatentDecoderStream(this.#session, this.#session.newState(), this.config);
  }

  /** Frees the network. */
  close(): Promise<void> {
    return this.#session.close();
  }
}

/** What one stream of a {@link LatentDecoder} remembers. Its calls must not overlap. */
export class LatentDecoderStream {
  readonly #session: GraphSession;
  readonly #state: StateBlock;
  readonly #config: LatentCodecConfig;
  /** Samples still to come that lie before the audio. */
  #early: number;
  #lastFrame: Float32Array | undefined;

  /**
   * @param session - The network.
   * @param state - A new state of it; this object closes it.
   * @param config - The codec's sizes.
   */
  constructor(session: GraphSession, state: StateBlock, config: LatentCodecConfig) {
    this.#session = session;
    this.#state = state;
    this.#config = config;
    this.#early = overlapOf(config);
  }

  /**
   * Decodes the next latents.
   *
   * @param z - `[T, latentDim]` as the encoder makes them, not normalised; even none.
   * @returns `480 T` samples, less those of `overlapOf` at the start of the stream, nominally in
   * `[-1, 1]`.
   * @throws {SpeechError} `INPUT_SHAPE_MISMATCH` if `z` is no whole number of frames.
   */
  async push(z: Float32Array): Promise<Float32Array> {
    const { latentDim } = this.#config;
    if (z.length % latentDim !== 0) {
      throw new SpeechError(
        'INPUT_SHAPE_MISMATCH',
        `z has ${z.length} numbers; frames of ${latentDim} are wanted.`,
        { length: z.length, latentDim },
      );
    }
    if (z.length === 0) {
      return new Float32Array(0);
    }
    const feeds = { z: float32([1, z.length / latentDim, latentDim], z) };
    const outputs = await this.#session.runWithState(feeds, this.#state);
    this.#lastFrame = z.slice(-latentDim);
    const samples = outputs['samples']!.data as Float32Array;
    const early = Math.min(this.#early, samples.length);
    this.#early -= early;
    return samples.subarray(early);
  }

  /**
   * Ends the latents: repeats the last frame until everything before it is complete. The stream is
   * then as new.
   *
   * @returns The samples by which the audio trailed the frames; none without frames.
   */
  async flush(): Promise<Float32Array> {
    const { latentDim, frameSize } = this.#config;
    const last = this.#lastFrame;
    const owed = overlapOf(this.#config);
    let tail: Float32Array = new Float32Array(0);
    if (last !== undefined) {
      const repeats = Math.ceil(owed / frameSize);
      const padding = new Float32Array(repeats * latentDim);
      for (let index = 0; index < repeats; index++) {
        padding.set(last, index * latentDim);
      }
      tail = (await this.push(padding)).subarray(0, owed);
    }
    this.reset();
    return tail;
  }

  /** Goes back to the state before the first frame. */
  reset(): void {
    this.#state.reset();
    this.#early = overlapOf(this.#config);
    this.#lastFrame = undefined;
  }

  /** Frees the state. */
  close(): void {
    this.#state.close();
  }
}
