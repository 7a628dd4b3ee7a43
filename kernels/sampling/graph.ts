import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { Value } from '../onnx/graph.js';

/** How {@link sampleToken} chooses. */
export type SamplingOptions = {
  /** `[B, 1]`, above 0; near 0 only the likeliest is left. */
  temperature: Value;
  /** How many of the likeliest are considered; all of them by default. */
  topK?: number;
  /** The likeliest that together have this probability are considered, above 0 to 1, the default. */
  topP?: number;
  /** Uniform in `(0, 1)`, `[B, 1]`. */
  noise: Value;
};

/**
 * Draws from logits by temperature, top-k and nucleus sampling (Holtzman et al. 2020), in that order;
 * the same noise gives the same token.
 *
 * @param graph - The graph to add to.
 * @param logits - `[B, C]`.
 * @param options - Temperature, limits and noise.
 * @returns int64 `[B]` in `[0, C)`.
 */
export function sampleToken(graph: GraphBuilder, logits: Value, options: SamplingOptions): Value {
  const { temperature, topK = Infinity, topP = 1, noise } = options;
  const numClasses = logits.shape[1] as number;
  const probabilities = graph.softmax(graph.div(logits, temperature), 1);
  const numKept = Math.min(topK, numClasses);
  const [sorted, order] = graph.topK(probabilities, numKept);
  // an entry stays if those before it do not have the probability yet; the first always stays
  const before = graph.cumSum(sorted, 1, true);
  const isKept = graph.less(before, topP);
  const kept = graph.mul(sorted, graph.cast(isKept, 'float32'));
  const upTo = graph.cumSum(kept, 1);
  const threshold = graph.mul(noise, graph.slice(upTo, 1, -1));
  const passed = graph.cast(graph.lessOrEqual(upTo, threshold), 'int32');
  const rank = graph.reduce('ReduceSum', passed, 1);
  const drawn = graph.min(graph.cast(rank, 'int64'), numKept - 1);
  return graph.squeeze(graph.gatherElements(order, drawn, 1), [1]);
}
