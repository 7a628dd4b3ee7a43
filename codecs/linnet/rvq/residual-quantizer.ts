import {
  float32,
  GraphBuilder,
  residualLookup,
  residualQuantize,
  type GraphSession,
  type QuantizerLevels,
  type Runtime,
  type Weights,
} from '../../../kernels/index.js';
import type { LatentCodecConfig } from '../config.js';
import type { TokenDecoder, TokenEncoder, Tokenizer, TokenSizes } from '../tokenizer.js';

const STATELESS = { reset: () => undefined, close: () => undefined };

/** Latents to the codes of eight residual levels and back. It has no state. */
export class ResidualQuantizer implements Tokenizer {
  readonly framesPerToken: number;
  readonly numCodebooks: number;
  readonly cardinality: number;
  readonly #encode: GraphSession;
  readonly #decode: GraphSession;
  readonly #latentDim: number;

  private constructor(encode: GraphSession, decode: GraphSession, config: LatentCodecConfig) {
    this.#encode = encode;
    this.#decode = decode;
    this.#latentDim = config.latentDim;
    const { framesPerToken, numCodebooks, cardinality } = residualSizes(config);
    this.framesPerToken = framesPerToken;
    this.numCodebooks = numCodebooks;
    this.cardinality = cardinality;
  }

  /**
   * Loads both directions.
   *
   * @param runtime - Where they run.
   * @param weights - The codec's weights.
   * @param config - The codec's sizes.
   * @throws {SpeechError} `MODEL_INVALID` if a tensor is missing or does not fit.
   */
  static async load(
    runtime: Runtime,
    weights: Weights,
    config: LatentCodecConfig,
  ): Promise<ResidualQuantizer> {
    const { latentDim } = config;
    const levels = levelsOf(weights, config);
    return new ResidualQuantizer(
      await runtime.load('codec-quantizer', quantizerGraph(levels, latentDim)),
      await runtime.load('codec-lookup', lookupGraph(levels)),
      config,
    );
  }

  /**
   * Chooses the codes.
   *
   * @param z - Latents `[T, latentDim]`, at least one frame.
   * @returns Codes `[T, K]`.
   */
  async encode(z: Float32Array): Promise<Uint16Array> {
    const numFrames = z.length / this.#latentDim;
    const outputs = await this.#encode.run({ z: float32([1, numFrames, this.#latentDim], z) });
    return Uint16Array.from(outputs['codes']!.data as Int32Array);
  }

  /**
   * Looks the codes up.
   *
   * @param codes - `[T, K']` in range, at least one frame.
   * @param numCodebooks - `K'`, a prefix of the levels.
   * @returns Latents `[T, latentDim]`.
   */
  async decode(codes: Uint16Array, numCodebooks: number): Promise<Float32Array> {
    const shape = [1, codes.length / numCodebooks, numCodebooks];
    const data = Int32Array.from(codes);
    const outputs = await this.#decode.run({ codes: { dtype: 'int32', shape, data } });
    return outputs['z']!.data as Float32Array;
  }

  /** Opens a stream; it has no state of its own. */
  encoder(): TokenEncoder {
    return { encode: (z) => this.encode(z), ...STATELESS };
  }

  /** Opens a stream; it has no state of its own. */
  decoder(): TokenDecoder {
    return { decode: (codes, numCodebooks) => this.decode(codes, numCodebooks), ...STATELESS };
  }

  /** Frees both graphs. */
  async close(): Promise<void> {
    await Promise.all([this.#encode.close(), this.#decode.close()]);
  }
}

/**
 * What the residual tokens are like.
 *
 * @param config - The codec's sizes.
 */
export function residualSizes({ numCodebooks, cardinality }: LatentCodecConfig): TokenSizes {
  return { framesPerToken: 1, numCodebooks, cardinality };
}

/**
 * Finds the levels in the codec's weights.
 *
 * @param weights - The codec's weights.
 * @param config - The codec's sizes.
 * @returns Weights of the levels, coarse to fine.
 */
export function levelsOf(weights: Weights, { numCodebooks }: LatentCodecConfig): QuantizerLevels {
  return Array.from({ length: numCodebooks }, (_, index) => weights.at(`vq.${index}`));
}

function quantizerGraph(levels: QuantizerLevels, latentDim: number): Uint8Array {
  const graph = new GraphBuilder('codec-quantizer');
  const z = graph.input('z', 'float32', ['B', 'T', latentDim]);
  graph.output('codes', residualQuantize(graph, z, levels));
  return graph.build();
}

function lookupGraph(levels: QuantizerLevels): Uint8Array {
  const graph = new GraphBuilder('codec-lookup');
  const codes = graph.input('codes', 'int32', ['B', 'T', 'K']);
  graph.output('z', residualLookup(graph, codes, levels));
  return graph.build();
}
