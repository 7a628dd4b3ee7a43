import { SpeechError } from '../../base/errors.js';
import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { Value } from '../onnx/graph.js';

/** What {@link gatedLinearAttention} attends with; heads lie side by side in the last axis. */
export type AttentionInputs = {
  /** `[B, T, H dk]`, not scaled. */
  query: Value;
  /** `[B, T, H dk]`. */
  key: Value;
  /** `[B, T, H dv]`. */
  value: Value;
  /** Logarithm of the decay of each key dimension, at most 0: `[B, T, H dk]`. */
  decay: Value;
  /** What was remembered before: `[B, H, dk, dv]`. */
  state: Value;
};

/** How {@link gatedLinearAttention} is written. */
export type AttentionOptions = {
  /** `H`. */
  numHeads: number;
  /**
   * By the runtime's one operator (the default), or by plain operators for a provider without it;
   * these need a `T` known in advance, and a node or ten for each step.
   */
  isFused?: boolean;
};

/**
 * Gated linear attention (Yang et al. 2023): for each head and step
 * `S = exp(decay) S + key value^T`, and the output is `S^T query / sqrt(dk)`.
 *
 * @param graph - The graph to add to.
 * @param inputs - Queries, keys, values, decays and the state.
 * @param options - Heads, and how to write it.
 * @returns The output `[B, T, H dv]` and the state after the last step.
 */
export function gatedLinearAttention(
  graph: GraphBuilder,
  inputs: AttentionInputs,
  options: AttentionOptions,
): { output: Value; state: Value } {
  const { query, key, value, decay, state } = inputs;
  const { numHeads, isFused = true } = options;
  if (!isFused) {
    return decomposed(graph, inputs, numHeads);
  }
  const [output, next] = graph.microsoft(
    'LinearAttention',
    [query, key, value, state, decay],
    [
      { dtype: 'float32', shape: value.shape },
      { dtype: 'float32', shape: state.shape },
    ],
    // a scale of 0 stands for 1 / sqrt(dk)
    { update_rule: 'gated', q_num_heads: numHeads, kv_num_heads: numHeads, scale: { float: 0 } },
  );
  return { output: output!, state: next! };
}

function decomposed(
  g: GraphBuilder,
  inputs: AttentionInputs,
  numHeads: number,
): { output: Value; state: Value } {
  const numSteps = inputs.query.shape[1]!;
  const [, , keyDim, valueDim] = inputs.state.shape as [unknown, unknown, number, number];
  if (typeof numSteps !== 'number') {
    throw new SpeechError('GRAPH_INVALID', 'Attention in plain operators needs a known T.');
  }
  const heads = (x: Value, step: number, rows: number, columns: number): Value =>
    g.reshape(g.slice(x, 1, step, step + 1), [0, numHeads, rows, columns]);
  let state = inputs.state;
  const outputs: Value[] = [];
  for (let step = 0; step < numSteps; step++) {
    const decay = g.exp(heads(inputs.decay, step, keyDim, 1));
    const key = heads(inputs.key, step, keyDim, 1);
    const value = heads(inputs.value, step, 1, valueDim);
    const query = heads(inputs.query, step, 1, keyDim);
    state = g.add(g.mul(state, decay), g.mul(key, value));
    const output = g.mul(g.matMul(query, state), 1 / Math.sqrt(keyDim));
    outputs.push(g.reshape(output, [0, 1, numHeads * valueDim]));
  }
  return { output: outputs.length === 1 ? outputs[0]! : g.concat(outputs, 1), state };
}
