import {
  causalConv,
  convNextBlock,
  GraphBuilder,
  linear,
  stft,
  type Value,
  type Weights,
} from '../../kernels/index.js';
import type { LatentCodecConfig } from './config.js';

/** Exponent that compresses magnitudes to their power of 0.3, applied to their square. */
const COMPRESSION = -0.35;
/** The square of the smallest magnitude that is told from silence. */
const FLOOR = 1e-14;

/**
 * Builds the encoder: `samples [B, 480 T]` to `z [B, T, latentDim]`, with the states of a stream.
 *
 * @param weights - The codec's weights.
 * @param config - The codec's sizes.
 */
export function buildEncoderGraph(weights: Weights, config: LatentCodecConfig): GraphBuilder {
  const graph = new GraphBuilder('codec-encoder');
  const samples = graph.input('samples', 'float32', ['B', 'N']);
  const spectrum = graph.scoped('stft', () => stft(graph, samples, config));
  let h = graph.scoped('compress', () => compress(graph, spectrum, config.fftSize / 2 + 1));
  h = graph.scoped('enc_in', () => linear(graph, h, weights.at('enc_in')));
  h = convNextStack(graph, h, weights, 'enc1', config.encBlocks[0]);
  h = graph.scoped('down', () => causalConv(graph, h, weights.at('down'), 2));
  h = convNextStack(graph, h, weights, 'enc2', config.encBlocks[1]);
  graph.output(
    'z',
    graph.scoped('enc_out', () => linear(graph, h, weights.at('enc_out'))),
  );
  return graph;
}

/**
 * Adds a row of ConvNeXt blocks.
 *
 * @param graph - The graph to add to.
 * @param x - `[B, T, C]`.
 * @param weights - The network's weights.
 * @param name - Name of the row in them.
 * @param count - How many blocks.
 * @returns `[B, T, C]`.
 */
export function convNextStack(
  graph: GraphBuilder,
  x: Value,
  weights: Weights,
  name: string,
  count: number,
): Value {
  let h = x;
  for (let index = 0; index < count; index++) {
    const block = `${name}.${index}`;
    h = graph.scoped(block, () => convNextBlock(graph, h, weights.at(block)));
  }
  return h;
}

function compress(graph: GraphBuilder, spectrum: Value, bins: number): Value {
  const [real, imaginary] = graph.split(graph.mul(spectrum, spectrum), 2, [bins, bins]) as [
    Value,
    Value,
  ];
  const power = graph.max(graph.add(real, imaginary), FLOOR);
  const scale = graph.exp(graph.mul(graph.log(power), COMPRESSION));
  return graph.mul(spectrum, graph.concat([scale, scale], 2));
}
