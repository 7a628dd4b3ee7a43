import {
  causalConv,
  GraphBuilder,
  linear,
  scalarLookup,
  scalarQuantize,
  vector,
  type Value,
  type Weights,
} from '../../../kernels/index.js';
import { convNextStack } from '../encoder-graph.js';
import type { SingleConfig } from './config.js';

/**
 * Builds the way to tokens: `z [B, 2K, latentDim]` to `tokens [B, K]`, with the states of a stream.
 *
 * @param weights - The quantiser's weights.
 * @param config - The quantiser's sizes.
 */
export function buildTokenEncoderGraph(weights: Weights, config: SingleConfig): GraphBuilder {
  const graph = new GraphBuilder('single-encoder');
  const z = graph.input('z', 'float32', ['B', 'T', config.latentDim]);
  const centred = graph.sub(z, vector(graph, weights, 'z_mean'));
  let h = graph.div(centred, vector(graph, weights, 'z_std'));
  h = graph.scoped('enc_in', () => linear(graph, h, weights.at('enc_in')));
  h = convNextStack(graph, h, weights, 'enc1', config.encBlocks[0]);
  h = graph.scoped('down', () => causalConv(graph, h, weights.at('down'), 2));
  h = convNextStack(graph, h, weights, 'enc2', config.encBlocks[1]);
  h = graph.scoped('enc_out', () => linear(graph, h, weights.at('enc_out')));
  graph.output(
    'tokens',
    graph.scoped('fsq', () => scalarQuantize(graph, h, config.levels)),
  );
  return graph;
}

/**
 * Builds the way back: `tokens [B, K]` to `z [B, 2K, latentDim]`, with the states of a stream.
 *
 * @param weights - The quantiser's weights.
 * @param config - The quantiser's sizes.
 */
export function buildTokenDecoderGraph(weights: Weights, config: SingleConfig): GraphBuilder {
  const graph = new GraphBuilder('single-decoder');
  const tokens = graph.input('tokens', 'int32', ['B', 'K']);
  graph.output('z', addTokenDecoder(graph, tokens, weights, config));
  return graph;
}

/**
 * Adds the way back to a graph.
 *
 * @param graph - The graph to add to.
 * @param tokens - `[B, K]`, int32.
 * @param weights - The quantiser's weights.
 * @param config - The quantiser's sizes.
 * @returns Latents `[B, 2K, latentDim]`.
 */
export function addTokenDecoder(
  graph: GraphBuilder,
  tokens: Value,
  weights: Weights,
  config: SingleConfig,
): Value {
  let h = graph.scoped('fsq', () => scalarLookup(graph, tokens, config.levels));
  h = graph.scoped('dec_in', () => linear(graph, h, weights.at('dec_in')));
  h = convNextStack(graph, h, weights, 'dec1', config.decBlocks[0]);
  h = graph.scoped('up', () => {
    const frames = linear(graph, h, weights.at('up'));
    return graph.reshape(frames, [0, -1, config.dim]);
  });
  h = convNextStack(graph, h, weights, 'dec2', config.decBlocks[1]);
  h = graph.scoped('dec_out', () => linear(graph, h, weights.at('dec_out')));
  const scaled = graph.mul(h, vector(graph, weights, 'z_std'));
  return graph.add(scaled, vector(graph, weights, 'z_mean'));
}
