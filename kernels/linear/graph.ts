import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { Value } from '../onnx/graph.js';
import type { Weights } from '../onnx/weights.js';
import { denseProduct } from './product.js';

/** Rows that {@link transposed} takes at once. */
const TILE = 16;

/** How {@link linear} is to be written. */
export type LinearOptions = {
  /** Whether the negative is wanted; false by default. It costs nothing in a run. */
  isNegated?: boolean;
};

/**
 * A linear layer over the last axis: `x W^T + b`.
 *
 * @param graph - The graph to add to.
 * @param x - `[..., I]`.
 * @param weights - `weight [O, I]` and, if the layer has one, `bias [O]`.
 * @param options - Whether to negate it.
 * @returns `[..., O]`.
 */
export function linear(
  graph: GraphBuilder,
  x: Value,
  weights: Weights,
  { isNegated = false }: LinearOptions = {},
): Value {
  const { data, shape } = weights.get('weight', 2);
  const [out, into] = shape as [number, number];
  const name = isNegated ? 'transposed and negated' : 'transposed';
  const make = () => {
    const matrix = transposed(data, out, into);
    return { data: isNegated ? negated(matrix) : matrix, into, out };
  };
  const bias = weights.has('bias') ? storedBias(graph, weights, isNegated) : undefined;
  return denseProduct(graph, x, `${weights.fullName('weight')} ${name}`, out, make, bias);
}

function storedBias(graph: GraphBuilder, weights: Weights, isNegated: boolean): Value {
  if (!isNegated) {
    return vector(graph, weights, 'bias');
  }
  return graph.shared(`${weights.fullName('bias')} negated`, () => {
    const { data, shape } = weights.get('bias', 1);
    return graph.constant({ dtype: 'float32', shape, data: negated(data) }, 'bias');
  });
}

function negated(data: Float32Array): Float32Array {
  return data.map((value) => -value);
}

/**
 * Stores a vector of the model in a graph.
 *
 * @param graph - The graph to add to.
 * @param weights - Where it is.
 * @param name - Its name there, and in the graph.
 * @returns `[N]`.
 */
export function vector(graph: GraphBuilder, weights: Weights, name: string): Value {
  return graph.shared(weights.fullName(name), () => {
    const { data, shape } = weights.get(name, 1);
    return graph.constant({ dtype: 'float32', shape, data }, name);
  });
}

/**
 * Transposes a matrix.
 *
 * @param matrix - `[rows, columns]`, row-major.
 * @returns `[columns, rows]`.
 */
export function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(matrix.length);
  // in tiles, since writing down a column leaves the cache at every step
  for (let top = 0; top < rows; top += TILE) {
    const bottom = Math.min(rows, top + TILE);
    for (let column = 0; column < columns; column++) {
      for (let row = top; row < bottom; row++) {
        result[column * rows + row] = matrix[row * columns + column]!;
      }
    }
  }
  return result;
}
