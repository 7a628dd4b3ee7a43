import { vector } from '../linear/graph.js';
import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { Value } from '../onnx/graph.js';
import type { Weights } from '../onnx/weights.js';

/** Added to the mean square, as in training. */
const EPSILON = 1e-6;

/**
 * Root-mean-square norm over the last axis (Zhang and Sennrich 2019), by the runtime's fused operator.
 *
 * @param graph - The graph to add to.
 * @param x - `[..., C]`.
 * @param weights - `weight [C]`.
 * @returns `[..., C]`.
 */
export function rmsNorm(graph: GraphBuilder, x: Value, weights: Weights): Value {
  const [result] = graph.node(
    'SimplifiedLayerNormalization',
    [x, vector(graph, weights, 'weight')],
    [{ dtype: x.dtype, shape: x.shape }],
    { attributes: { axis: -1, epsilon: { float: EPSILON } } },
  );
  return result!;
}

/**
 * Adds what a layer gives to what goes past it, and norms the sum, in one operator.
 *
 * @param graph - The graph to add to.
 * @param x - `[B, T, C]`, what goes past the layer.
 * @param change - `[B, T, C]`, what the layer gives.
 * @param weights - `weight [C]`.
 * @returns `sum = x + change`, and `normed = rmsNorm(sum)`; each `[B, T, C]`.
 */
export function addRmsNorm(
  graph: GraphBuilder,
  x: Value,
  change: Value,
  weights: Weights,
): { sum: Value; normed: Value } {
  const output = { dtype: x.dtype, shape: x.shape };
  // the two that are left out, mean and deviation, are for training
  const [normed, sum] = graph.microsoft(
    'SkipSimplifiedLayerNormalization',
    [x, change, vector(graph, weights, 'weight')],
    [output, undefined, undefined, output],
    { epsilon: { float: EPSILON } },
  );
  return { sum: sum!, normed: normed! };
}
