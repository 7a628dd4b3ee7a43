import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { Value } from '../onnx/graph.js';
import type { Weights } from '../onnx/weights.js';
import { denseProduct } from './product.js';

/**
 * A linear layer over the last axis: `x W^T + b`.
 *
 * @param graph - The graph to add to.
 * @param x - `[..., I]`.
 * @param weights - `weight [O, I]` and, if the layer has one, `bias [O]`.
 * @returns `[..., O]`.
 */
export function linear(graph: GraphBuilder, x: Value, weights: Weights): Value {
  const product = denseProduct(graph, x, `${weights.fullName('weight')} transposed`, () => {
    const { data, shape } = weights.get('weight', 2);
    const [out, into] = shape as [number, number];
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
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[column * rows + row] = matrix[row * columns + column]!;
    }
  }
  return result;
}
