import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { Value } from '../onnx/graph.js';
import type { Weights } from '../onnx/weights.js';

/**
 * Looks rows up in a table.
 *
 * @param graph - The graph to add to.
 * @param indices - int64 or int32, any shape; each in `[0, N)`.
 * @param weights - `weight [N, C]`.
 * @returns `[..., C]`.
 */
export function embedding(graph: GraphBuilder, indices: Value, weights: Weights): Value {
  const table = graph.shared(weights.fullName('weight'), () => {
    const { data, shape } = weights.get('weight', 2);
    return graph.constant({ dtype: 'float32', shape, data }, 'table');
  });
  return graph.gather(table, indices);
}
