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

/** What {@link sampleToken} drew. */
export type Sample = {
  /** A whole number in `[0, C)` as float32 `[B]`, since GPUs do not reckon with int64. */
  token: Value;
  /** Probability of all that could have been drawn, `[B, 1]`: above 0, but NaN if a logit was no number. */
  mass: Value;
};

/**
 * Draws from logits by temperature, top-k and nucleus sampling (Holtzman et al. 2020), in that order;
 * the same noise gives the same token.
 *
 * @param graph - The graph to add to.
 * @param logits - `[B, C]`.
 * @param options - Temperature, limits and noise.
 * @returns What was drawn.
 */
export function sampleToken(graph: GraphBuilder, logits: Value, options: SamplingOptions): Sample {
  const { temperature, topK = Infinity, topP = 1, noise } = options;
  const numClasses = logits.shape[1] as number;
  const probabilities = graph.softmax(graph.div(logits, temperature), 1);
  if (topK >= numClasses && topP === 1) {
    const { index, mass } = drawIndex(graph, probabilities, noise);
    return { token: graph.squeeze(index, [1]), mass };
  }
  const numKept = Math.min(topK, numClasses);
  const [sorted, order] = graph.topK(probabilities, numKept);
  // an entry stays if those before it do not have the probability yet; the first always stays
  const before = graph.cumSum(sorted, 1, true);
  const isKept = graph.less(before, topP);
  const kept = graph.mul(sorted, graph.cast(isKept, 'float32'));
  const { index, mass } = drawIndex(graph, kept, noise);
  // the entry's class: looked up, since GPUs look up by int64 but do nothing else with it
  const classes = { dtype: 'float32', shape: [numClasses], data: ascending(numClasses) } as const;
  const names = graph.gather(graph.constant(classes, 'classes'), order);
  const positions = { dtype: 'float32', shape: [1, numKept], data: ascending(numKept) } as const;
  const isDrawn = graph.equal(graph.constant(positions, 'positions'), index);
  return { token: graph.reduce('ReduceSum', graph.where(isDrawn, names, 0), 1, false), mass };
}

function ascending(length: number): Float32Array {
  return Float32Array.from({ length }, (_, index) => index);
}

/** Draws an index float32 `[B, 1]` by weights `[B, N]`, whose sum `[B, 1]` is the mass. */
function drawIndex(
  graph: GraphBuilder,
  weights: Value,
  noise: Value,
): { index: Value; mass: Value } {
  const upTo = graph.cumSum(weights, 1);
  const mass = graph.slice(upTo, 1, -1);
  const passed = graph.cast(graph.lessOrEqual(upTo, graph.mul(noise, mass)), 'float32');
  const last = (weights.shape[1] as number) - 1;
  return { index: graph.min(graph.reduce('ReduceSum', passed, 1), last), mass };
}
