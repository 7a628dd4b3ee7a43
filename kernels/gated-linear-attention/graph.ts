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

/**
 * Gated linear attention (Yang et al. 2023): for each head and step
 * `S = exp(decay) S + key value^T`, and the output is `S^T query / sqrt(dk)`.
 *
 * @param graph - The graph to add to.
 * @param inputs - Queries, keys, values, decays and the state.
 * @param numHeads - `H`.
 * @returns The output `[B, T, H dv]` and the state after the last step.
 */
export function gatedLinearAttention(
  graph: GraphBuilder,
  inputs: AttentionInputs,
  numHeads: number,
): { output: Value; state: Value } {
  const { query, key, value, decay, state } = inputs;
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
