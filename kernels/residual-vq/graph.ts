import { linear, transposed } from '../linear/graph.js';
import { linearNaive } from '../linear/naive.js';
import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { Value } from '../onnx/graph.js';
import type { Weights } from '../onnx/weights.js';

/** Weights of the levels: each has `input` and `output` (linear layers) and `codebook [N, d]`. */
export type QuantizerLevels = readonly Weights[];

/**
 * Factorised residual vector quantisation (Yu et al. 2021; Kumar et al. 2023): every level projects
 * what is left to a small space and takes the entry of its codebook nearest by cosine.
 *
 * @param graph - The graph to add to.
 * @param z - `[B, T, D]`.
 * @param levels - The levels, coarse to fine.
 * @returns Codes `[B, T, K]`, int32.
 */
export function residualQuantize(graph: GraphBuilder, z: Value, levels: QuantizerLevels): Value {
  let residual = z;
  const codes = levels.map((level, index) =>
    graph.scoped(`level_${index}`, () => {
      const { data, shape } = level.get('codebook', 2);
      const [entries, dim] = shape as [number, number];
      const directions = graph.constant(
        {
          dtype: 'float32',
          shape: [dim, entries],
          data: transposed(unitRows(data, dim), entries, dim),
        },
        'directions',
      );
      // the length of the projection does not change which entry is nearest by cosine
      const similarity = graph.matMul(linear(graph, residual, level.at('input')), directions);
      const code = graph.argMax(similarity, -1);
      if (index < levels.length - 1) {
        residual = graph.sub(residual, graph.gather(outputTable(graph, [level]), code));
      }
      return graph.unsqueeze(graph.cast(code, 'int32'), [2]);
    }),
  );
  return codes.length === 1 ? codes[0]! : graph.concat(codes, 2);
}

/**
 * Turns codes back into vectors: the sum over the levels of their projected entries.
 *
 * @param graph - The graph to add to.
 * @param codes - `[B, T, K']`, int32, in range; `K'` levels from the first on, chosen in each run.
 * @param levels - All levels.
 * @returns `[B, T, D]`.
 */
export function residualLookup(graph: GraphBuilder, codes: Value, levels: QuantizerLevels): Value {
  const entries = levels[0]!.get('codebook', 2).shape[0]!;
  const starts = graph.constant(
    {
      dtype: 'int32',
      shape: [levels.length],
      data: Int32Array.from(levels, (_, index) => index * entries),
    },
    'level_starts',
  );
  const used = graph.node(
    'Slice',
    [starts, graph.ints([0]), graph.dim(codes, 2), graph.ints([0])],
    [{ dtype: 'int32', shape: [codes.shape[2]!] }],
  )[0]!;
  const vectors = graph.gather(outputTable(graph, levels), graph.add(codes, used));
  return graph.reduce('ReduceSum', vectors, 2, false);
}

/** The projected entries of all levels, one below the other, `[K * N, D]`. */
function outputTable(graph: GraphBuilder, levels: QuantizerLevels): Value {
  const tables = levels.map((level) => {
    const { data, shape } = level.get('codebook', 2);
    const { data: weight } = level.get('output.weight', 2);
    return linearNaive(data, weight, level.get('output.bias', 1).data, shape[1]!);
  });
  const length = tables.reduce((sum, table) => sum + table.length, 0);
  const data = new Float32Array(length);
  tables.reduce((offset, table) => {
    data.set(table, offset);
    return offset + table.length;
  }, 0);
  const dim = levels[0]!.get('output.bias', 1).data.length;
  return graph.constant({ dtype: 'float32', shape: [length / dim, dim], data }, 'entries');
}

function unitRows(matrix: Float32Array, columns: number): Float32Array {
  const result = new Float32Array(matrix.length);
  for (let start = 0; start < matrix.length; start += columns) {
    const row = matrix.subarray(start, start + columns);
    const length = Math.hypot(...row);
    row.forEach((value, index) => {
      result[start + index] = value / Math.max(length, 1e-12);
    });
  }
  return result;
}
