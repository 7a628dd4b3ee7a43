import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { Value } from '../onnx/graph.js';
import { fsqValuesNaive } from './naive.js';

/**
 * Finite scalar quantisation (Mentzer et al. 2023): each number becomes one of `L` equal steps of its
 * sigmoid, and the steps are the digits of one token, the first number the lowest.
 *
 * @param graph - The graph to add to.
 * @param h - `[B, T, D]`.
 * @param levels - Steps of each of the `D` numbers.
 * @returns Tokens `[B, T]`, int32, below the product of the levels.
 */
export function scalarQuantize(graph: GraphBuilder, h: Value, levels: readonly number[]): Value {
  const shape = [levels.length];
  const vector = (numbers: number[]) =>
    graph.constant({ dtype: 'float32', shape, data: Float32Array.from(numbers) }, 'levels');
  const steps = vector([...levels]);
  const tops = vector(levels.map((level) => level - 1));
  const places = vector(placesOf(levels));
  const digits = graph.min(graph.unary('Floor', graph.mul(graph.sigmoid(h), steps)), tops);
  // whole numbers far below 2^24, so float32 adds them exactly
  const token = graph.reduce('ReduceSum', graph.mul(digits, places), 2, false);
  return graph.cast(token, 'int32');
}

/**
 * Turns tokens back into the middle of their steps, in (-1, 1).
 *
 * @param graph - The graph to add to.
 * @param tokens - `[B, T]`, int32, in range.
 * @param levels - Steps of each number.
 * @returns `[B, T, D]`.
 */
export function scalarLookup(graph: GraphBuilder, tokens: Value, levels: readonly number[]): Value {
  const cardinality = levels.reduce((product, level) => product * level, 1);
  const all = Int32Array.from({ length: cardinality }, (_, token) => token);
  const data = Float32Array.from(fsqValuesNaive(all, levels));
  const shape = [cardinality, levels.length];
  return graph.gather(graph.constant({ dtype: 'float32', shape, data }, 'values'), tokens);
}

function placesOf(levels: readonly number[]): number[] {
  let place = 1;
  return levels.map((level) => {
    const current = place;
    place *= level;
    return current;
  });
}
