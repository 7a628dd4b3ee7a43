import {
  float32,
  streamStates,
  type GraphSession,
  type Runtime,
  type StateBlock,
  type Weights,
} from '../../kernels/index.js';
import type { LatentCodecConfig } from './config.js';
import { buildEncoderGraph } from './encoder-graph.js';

/** Samples to latents. One network, shared by any number of streams. */
export class LatentEncoder {
  readonly #session: GraphSession;

  private constructor(session: GraphSession) {
    this.#session = session;
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
  ): Promise<LatentEncoder> {
    const graph = buildEncoderGraph(weights, config);
    const stateNames = streamStates(graph.numStates);
    return new LatentEncoder(await runtime.load('codec-encoder', graph.build(), { stateNames }));
  }

  /** Opens the state of so many streams, `B`, which share every run. */
  stream(numStreams = 1): LatentEncoderStream {
    return new LatentEncoderStream(this.#session, this.#session.newState(numStreams), numStreams);
  }

  /** Frees the network. */
  close(): Promise<void> {
    return this.#session.close();
  }
}

/** What one stream of a {@link LatentEncoder} remembers, or several side by side. Its calls must not overlap. */
export class LatentEncoderStream {
  readonly #session: GraphSession;
  readonly #state: StateBlock;
  readonly #numStreams: number;

  /**
   * @param session - The network.
   * @param state - A new state of it; this object closes it.
   * @param numStreams - Streams in the state, `B`.
   */
  constructor(session: GraphSession, state: StateBlock, numStreams: number) {
    this.#session = session;
    this.#state = state;
    this.#numStreams = numStreams;
  }

  /**
   * Encodes the next samples.
   *
   * @param samples - `[B, T * 480]`, whole frames of each stream, at least one.
   * @returns Latents `[B, T, latentDim]`.
   */
  async encode(samples: Float32Array): Promise<Float32Array> {
    const shape = [this.#numStreams, samples.length / this.#numStreams];
    const feeds = { samples: float32(shape, samples) };
    const outputs = await this.#session.runWithState(feeds, this.#state);
    return outputs['z']!.data as Float32Array;
  }

  /** Goes back to the state before the first sample. */
  reset(): void {
    this.#state.reset();
  }

  /** Frees the state. */
  close(): void {
    this.#state.close();
  }
}
