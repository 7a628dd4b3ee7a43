import {
  causalConv,
  GraphBuilder,
  istft,
  linear,
  vector,
  type Value,
  type WeightFormat,
  type Weights,
} from '../../kernels/index.js';
import type { LatentCodecConfig } from './config.js';
import { convNextStack } from './encoder-graph.js';

/** How {@link buildDecoderGraph} is to build. */
export type DecoderGraphOptions = {
  /** How matrices are stored; float32 by default. */
  weightFormat?: WeightFormat;
  /** Frames of a run, `T`, if rows are slots, as in `Graph`; by default they are not. */
  slotFrames?: number;
};

/** The largest logarithm of a magnitude; training clips there too. */
const MAX_LOG_MAGNITUDE = Math.log(100);

/**
 * Builds the decoder: `z [B, T, latentDim]` to `samples [B, 480 T]`, with the states of a stream.
 * The first samples of a stream, as many as `overlapOf` says, lie before its audio.
 *
 * @param weights - The codec's weights.
 * @param config - The codec's sizes.
 * @param options - Variants of the graph.
 */
export function buildDecoderGraph(
  weights: Weights,
  config: LatentCodecConfig,
  { weightFormat, slotFrames }: DecoderGraphOptions = {},
): GraphBuilder {
  const graph = new GraphBuilder('codec-decoder', weightFormat, slotFrames !== undefined);
  const z = graph.input('z', 'float32', ['B', slotFrames ?? 'T', config.latentDim]);
  graph.output('samples', addDecoder(graph, z, weights, config));
  return graph;
}

/**
 * Adds the decoder to a graph.
 *
 * @param graph - The graph to add to.
 * @param z - `[B, T, latentDim]`.
 * @param weights - The codec's weights.
 * @param config - The codec's sizes.
 * @returns Samples `[B, 480 T]`.
 */
export function addDecoder(
  graph: GraphBuilder,
  z: Value,
  weights: Weights,
  config: LatentCodecConfig,
): Value {
  let h = graph.scoped('dec_in', () => causalConv(graph, z, weights.at('dec_in')));
  h = convNextStack(graph, h, weights, 'dec1', config.decBlocks[0]);
  h = graph.scoped('up', () => {
    const frames = linear(graph, h, weights.at('up'));
    return graph.reshape(frames, [0, -1, config.decDim]);
  });
  h = convNextStack(graph, h, weights, 'dec2', config.decBlocks[1]);
  const spectrum = graph.scoped('head', () => {
    const norm = weights.at('norm');
    const scale = vector(graph, norm, 'weight');
    const normed = graph.layerNorm(h, scale, vector(graph, norm, 'bias'));
    return polar(graph, linear(graph, normed, weights.at('head')), config.fftSize / 2 + 1);
  });
  return graph.scoped('istft', () => istft(graph, spectrum, config));
}

/** Log magnitudes and phases side by side to real and imaginary parts side by side. */
function polar(graph: GraphBuilder, head: Value, bins: number): Value {
  const [logMagnitude, phase] = graph.split(head, 2, [bins, bins]) as [Value, Value];
  const magnitude = graph.exp(graph.min(logMagnitude, MAX_LOG_MAGNITUDE));
  const real = graph.mul(magnitude, graph.unary('Cos', phase));
  const imaginary = graph.mul(magnitude, graph.unary('Sin', phase));
  return graph.concat([real, imaginary], 2);
}
