import { depthwiseConv } from '../causal-conv/graph.js';
import { linear, transposed, vector } from '../linear/graph.js';
import { denseProduct } from '../linear/product.js';
import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { Value } from '../onnx/graph.js';
import type { Weights } from '../onnx/weights.js';

/** How a {@link convNextBlock} differs from the plain one. */
export type ConvNextOptions = {
  /** Whether it sees only the past, which it then keeps as a state; true by default. */
  isCausal?: boolean;
  /** `[B, 1 or T, D]`: the normalised activations are scaled and shifted by its projection. */
  condition?: Value;
  /** 1 or 0, `[B, T, 1]`: its convolution hears zeros where it is 0. */
  heard?: Value;
};

/**
 * ConvNeXt block in one dimension (Liu et al. 2022): depthwise convolution, LayerNorm, expansion with
 * exact GELU, layer scale, residual; with a condition, adaLN (Peebles and Xie 2023).
 *
 * If causal, adds a state `[B, C, kernel - 1]`.
 *
 * @param graph - The graph to add to.
 * @param x - `[B, T, C]`.
 * @param weights - `dw`, `norm`, `up`, `down`, `gamma`, and `cond` with a condition.
 * @param options - Causality and condition.
 * @returns `[B, T, C]`.
 */
export function convNextBlock(
  graph: GraphBuilder,
  x: Value,
  weights: Weights,
  options: ConvNextOptions = {},
): Value {
  const { isCausal = true, condition, heard } = options;
  const norm = weights.at('norm');
  const channels = norm.get('weight', 1).shape[0]!;
  const input = heard === undefined ? x : graph.mul(x, heard);
  let h = depthwiseConv(graph, input, weights.at('dw'), isCausal);
  h = graph.layerNorm(h, vector(graph, norm, 'weight'), vector(graph, norm, 'bias'));
  if (condition !== undefined) {
    const modulation = linear(graph, condition, weights.at('cond'));
    const [scale, shift] = graph.split(modulation, 2, [channels, channels]) as [Value, Value];
    h = graph.add(graph.mul(h, graph.add(scale, 1)), shift);
  }
  h = graph.gelu(linear(graph, h, weights.at('up')));
  return graph.add(x, scaledDown(graph, h, weights));
}

/**
 * The second linear layer of a block with the layer scale folded into it.
 *
 * @param graph - The graph to add to.
 * @param h - `[..., I]`.
 * @param weights - Of the block: `down` and `gamma`.
 * @returns `[..., O]`.
 */
export function scaledDown(graph: GraphBuilder, h: Value, weights: Weights): Value {
  const gamma = weights.get('gamma', 1).data;
  const down = weights.at('down');
  const { data, shape } = down.get('weight', 2);
  const [out, into] = shape as [number, number];
  const product = denseProduct(graph, h, `${down.fullName('weight')} scaled`, out, () => {
    const scaled = transposed(data, out, into);
    for (let start = 0; start < scaled.length; start += out) {
      for (let column = 0; column < out; column++) {
        scaled[start + column]! *= gamma[column]!;
      }
    }
    return { data: scaled, into, out };
  });
  const offset = graph.shared(`${down.fullName('bias')} scaled`, () => {
    const bias = down.get('bias', 1).data.map((value, index) => value * gamma[index]!);
    return graph.constant({ dtype: 'float32', shape: [out], data: bias }, 'down_bias');
  });
  return graph.add(product, offset);
}
