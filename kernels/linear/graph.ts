import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { Value } from '../onnx/graph.js';
import type { Weights } from '../onnx/weights.js';
import { denseProduct } from './product.js';

/** Rows that {@link transposed} takes at once. */
const TILE = 16;

/**
 * A linear layer over the last axis: `x W^T + b`.
 *
 * @param graph - The graph to add to.
 * @param x - `[..., I]`.
 * @param weights - `weight [O, I]` and, if the layer has one, `bias [O]`.
 * @returns `[..., O]`.
 */
export function linear(graph: GraphBuilder, x: Value, weights: Weights): Value {
  const { data, shape } = weights.get('weight', 2);
  const [out, into] = shape as [number, number];
  const product = denseProduct(graph, x, `${weights.fullName('weight')} transposed`, out, () => {
    return { data: transposed(data, out, into), into, out };
  });
  return weights.has('bias') ? graph.add(product, vector(graph, weights, 'bias')) : product;
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
