import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { Value } from '../onnx/graph.js';
import type { Weights } from '../onnx/weights.js';
import { denseProduct } from './product.js';

/**
 * Several linear layers without bias on the same input, as one matrix product: a small product costs
 * little more than the start of one.
 *
 * @param graph - The graph to add to.
 * @param x - `[..., I]`.
 * @param layers - `weight [O, I]` of each.
 * @returns `[..., O]` of each layer.
 */
export function fusedLinear(graph: GraphBuilder, x: Value, layers: readonly Weights[]): Value[] {
  const sizes = layers.map((layer) => layer.get('weight', 2).shape[0]!);
  const key = layers.map((layer) => layer.fullName('weight')).join(' ');
  const width = sizes.reduce((sum, size) => sum + size, 0);
  const product = denseProduct(graph, x, key, width, () => {
    const into = layers[0]!.get('weight', 2).shape[1]!;
    const data = new Float32Array(into * width);
    let offset = 0;
    for (const layer of layers) {
      const { data: weight, shape } = layer.get('weight', 2);
      const out = shape[0]!;
      for (let row = 0; row < out; row++) {
        for (let column = 0; column < into; column++) {
          data[column * width + offset + row] = weight[row * into + column]!;
        }
      }
      offset += out;
    }
    return { data, into, out: width };
  });
  return graph.split(product, -1, sizes);
}
