import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { Value } from '../onnx/graph.js';

/** More than this many WebGPU sorts in a hundred shaders one after the other, instead of one. */
const MAX_SORTED = 2048;

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
  const { sorted, nameOf } = likeliest(graph, probabilities, Math.min(topK, numClasses));
  // an entry stays if those before it do not have the probability yet; the first always stays
  const before = graph.cumSum(sorted, 1, true);
  const isKept = graph.less(before, topP);
  const kept = graph.mul(sorted, graph.cast(isKept, 'float32'));
  const { index, mass } = drawIndex(graph, kept, noise);
  return { token: graph.squeeze(nameOf(index), [1]), mass };
}

/**
 * Sorts the `k` largest entries of `[B, C]`; of equal ones the first comes first.
 *
 * @returns The entries `[B, k]`, and the class of the entry at a place `[B, 1]`.
 */
function likeliest(
  graph: GraphBuilder,
  x: Value,
  k: number,
): { sorted: Value; nameOf: (place: Value) => Value } {
  const numClasses = x.shape[1] as number;
  const numParts = Math.ceil(numClasses / MAX_SORTED);
  if (numParts === 1 || numClasses % numParts !== 0 || k > numClasses / numParts) {
    const [sorted, order] = graph.topK(x, k);
    // looked up, since GPUs look up by int64 but do nothing else with it
    const names = graph.gather(ascending(graph, [numClasses]), order);
    return { sorted, nameOf: (place) => pick(graph, names, place) };
  }
  const size = numClasses / numParts;
  const [parts, order] = graph.topK(graph.reshape(x, [0, numParts, size]), k);
  const starts = graph.mul(ascending(graph, [1, numParts, 1]), size);
  const names = graph.add(graph.gather(ascending(graph, [size]), order), starts);
  const flat = (value: Value): Value => graph.reshape(value, [0, numParts * k]);
  const best = likeliest(graph, flat(parts), k);
  const classes = flat(names);
  return { sorted: best.sorted, nameOf: (place) => pick(graph, classes, best.nameOf(place)) };
}

/** Takes the entry of `[B, N]` at a place, a whole number `[B, 1]`. */
function pick(graph: GraphBuilder, x: Value, place: Value): Value {
  const isThere = graph.equal(ascending(graph, [1, x.shape[1] as number]), place);
  return graph.reduce('ReduceSum', graph.where(isThere, x, 0), 1);
}

/** 0, 1, 2, ... in one axis. */
function ascending(graph: GraphBuilder, shape: readonly number[]): Value {
  const length = shape.reduce((product, size) => product * size, 1);
  return graph.shared(`ascending ${shape.join(' ')}`, () => {
    const data = Float32Array.from({ length }, (_, index) => index);
    return graph.constant({ dtype: 'float32', shape, data }, 'ascending');
  });
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
