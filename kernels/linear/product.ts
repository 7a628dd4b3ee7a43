import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { Value } from '../onnx/graph.js';
import {
  blockQuantizedProduct,
  rowQuantizedProduct,
  type DenseMatrix,
} from '../quantized-product/graph.js';

/** Matrices with fewer elements stay in float32: they cost little, and rounding them costs as much. */
const MIN_ELEMENTS = 16_384;

/**
 * `x W` with a matrix of the model, in the graph's format of weights.
 *
 * @param graph - The graph to add to.
 * @param x - `[..., I]`.
 * @param key - Name of the matrix; the same key is stored once.
 * @param out - `O`.
 * @param make - The matrix; called when it is stored, not for each of its uses.
 * @param bias - `[O]`, added; none by default.
 * @returns `[..., O]`.
 */
export function denseProduct(
  graph: GraphBuilder,
  x: Value,
  key: string,
  out: number,
  make: () => DenseMatrix,
  bias?: Value,
): Value {
  const into = x.shape.at(-1) as number;
  const plus = (product: Value) => (bias === undefined ? product : graph.add(product, bias));
  if (graph.weightFormat !== 'float32' && into * out >= MIN_ELEMENTS) {
    if (graph.weightFormat === 'int4-blocks') {
      return blockQuantizedProduct(graph, x, key, make, { bias });
    }
    return plus(rowQuantizedProduct(graph, x, key, make));
  }
  const weight = graph.shared(key, () => {
    const { data } = make();
    return graph.constant({ dtype: 'float32', shape: [into, out], data }, 'weight');
  });
  return plus(graph.matMul(x, weight));
}
