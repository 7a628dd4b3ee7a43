import { linear } from '../linear/graph.js';
import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { Value } from '../onnx/graph.js';
import type { Weights } from '../onnx/weights.js';

/**
 * `x sigmoid(x)`.
 *
 * @param graph - The graph to add to.
 * @param x - Any shape.
 */
export function silu(graph: GraphBuilder, x: Value): Value {
  return graph.mul(x, graph.sigmoid(x));
}

/**
 * Gated feed-forward layer (Shazeer 2020): `down(silu(gate) * up)`, gate and up in one product.
 *
 * @param graph - The graph to add to.
 * @param x - `[..., C]`.
 * @param weights - `gate_up.weight [2 H, C]`, the gate first, and `down.weight [C, H]`.
 * @returns `[..., C]`.
 */
export function swiGlu(graph: GraphBuilder, x: Value, weights: Weights): Value {
  const both = linear(graph, x, weights.at('gate_up'));
  const hidden = (both.shape.at(-1) as number) / 2;
  const [gate, up] = graph.split(both, -1, [hidden, hidden]) as [Value, Value];
  return linear(graph, graph.mul(silu(graph, gate), up), weights.at('down'));
}
