import {
  float32,
  streamStates,
  type GraphSession,
  type Runtime,
  type StateBlock,
  type Weights,
} from '../../../kernels/index.js';
import type { TokenDecoder, TokenEncoder, Tokenizer } from '../tokenizer.js';
import { singleSizes, type SingleConfig } from './config.js';
import { buildTokenDecoderGraph, buildTokenEncoderGraph } from './graphs.js';

/** Latents to one token of 40 ms and back. Two networks, shared by any number of streams. */
export class TokenQuantizer implements Tokenizer {
  readonly framesPerToken: number;
  readonly numCodebooks: number;
  readonly cardinality: number;
  readonly #encode: GraphSession;
  readonly #decode: GraphSession;
  readonly #config: SingleConfig;

  private constructor(encode: GraphSession, decode: GraphSession, config: SingleConfig) {
    this.#encode = encode;
    this.#decode = decode;
    this.#config = config;
    const { framesPerToken, numCodebooks, cardinality } = singleSizes(config);
    this.framesPerToken = framesPerToken;
    this.numCodebooks = numCodebooks;
    this.cardinality = cardinality;
  }

  /**
   * Loads both directions.
   *
   * @param runtime - Where they run.
   * @param weights - The quantiser's weights.
   * @param config - The quantiser's sizes.
   * @throws {SpeechError} `MODEL_INVALID` if a tensor is missing or does not fit.
   */
  static async load(
    runtime: Runtime,
    weights: Weights,
    config: SingleConfig,
  ): Promise<TokenQuantizer> {
    const encoder = buildTokenEncoderGraph(weights, config);
    const decoder = buildTokenDecoderGraph(weights, config);
    return new TokenQuantizer(
      await runtime.load('single-encoder', encoder.build(), {
        stateNames: streamStates(encoder.numStates),
      }),
      await runtime.load('single-decoder', decoder.build(), {
        stateNames: streamStates(decoder.numStates),
      }),
      config,
    );
  }

  /** Opens a stream with its own state. */
  encoder(): TokenEncoder {
    const state = this.#encode.newState();
    return { encode: (z) => this.#encodeNext(z, state), ...ownerOf(state) };
  }

  /** Opens a stream with its own state. */
  decoder(): TokenDecoder {
    const state = this.#decode.newState();
    return { decode: (tokens) => this.#decodeNext(tokens, state), ...ownerOf(state) };
  }

  /** Frees both networks. */
  async close(): Promise<void> {
    await Promise.all([this.#encode.close(), this.#decode.close()]);
  }

  async #encodeNext(z: Float32Array, state: StateBlock): Promise<Uint16Array> {
    const { latentDim } = this.#config;
    const feeds = { z: float32([1, z.length / latentDim, latentDim], z) };
    const outputs = await this.#encode.runWithState(feeds, state);
    return Uint16Array.from(outputs['tokens']!.data as Int32Array);
  }

  async #decodeNext(tokens: Uint16Array, state: StateBlock): Promise<Float32Array> {
    const data = Int32Array.from(tokens);
    const feeds = { tokens: { dtype: 'int32' as const, shape: [1, data.length], data } };
    const outputs = await this.#decode.runWithState(feeds, state);
    return outputs['z']!.data as Float32Array;
  }
}

function ownerOf(state: StateBlock): { reset: () => void; close: () => void } {
  return {
    reset: () => {
      state.reset();
    },
    close: () => {
      state.close();
    },
  };
}
