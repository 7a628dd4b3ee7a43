import {
  GraphBuilder,
  residualLookup,
  type Value,
  type WeightFormat,
  type Weights,
} from '../../kernels/index.js';
import type { LatentCodecConfig } from './config.js';
import { addDecoder } from './decoder-graph.js';
import { levelsOf } from './rvq/residual-quantizer.js';
import type { SingleConfig } from './single/config.js';
import { addTokenDecoder } from './single/graphs.js';

/** The networks of {@link buildCodeDecoderGraph}: the decoder of latents, and the way from tokens to them. */
export type CodeDecoderParts = {
  /** The codec's sizes. */
  readonly config: LatentCodecConfig;
  /** Weights of the decoder. */
  readonly decoder: Weights;
  /** Weights of the residual levels, or those of the quantiser of single tokens and its sizes. */
  readonly tokens:
    | { readonly kind: 'rvq'; readonly weights: Weights }
    | { readonly kind: 'single'; readonly weights: Weights; readonly config: SingleConfig };
};

/**
 * Builds the way from tokens to samples in one graph: `codes [1, T, K]`, int32 and in range, with any number of
 * levels from the first on, to `samples [1, T * frameSize]`, with the states of a stream. The first samples of a
 * stream, as many as `overlapOf` says, lie before its audio.
 *
 * @param parts - Weights and sizes.
 * @param weightFormat - How the decoder's matrices are stored; float32 by default.
 */
export function buildCodeDecoderGraph(
  { config, decoder, tokens }: CodeDecoderParts,
  weightFormat?: WeightFormat,
): GraphBuilder {
  const graph = new GraphBuilder('code-decoder', weightFormat);
  const codes = graph.input('codes', 'int32', [1, 'T', tokens.kind === 'rvq' ? 'K' : 1]);
  const z = graph.scoped('tokens', () => addTokens(graph, codes, config, tokens));
  graph.output('samples', addDecoder(graph, z, decoder, config));
  return graph;
}

function addTokens(
  graph: GraphBuilder,
  codes: Value,
  config: LatentCodecConfig,
  tokens: CodeDecoderParts['tokens'],
): Value {
  if (tokens.kind === 'rvq') {
    return residualLookup(graph, codes, levelsOf(tokens.weights, config));
  }
  // both networks have tensors of the same names
  const weights = tokens.weights.of('single');
  // it is small, and rounding it too would take the signal to noise from 17 to 20 dB down to 10 to 14
  return graph.stored('float32', () =>
    addTokenDecoder(graph, graph.squeeze(codes, [2]), weights, tokens.config),
  );
}
