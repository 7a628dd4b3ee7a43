import { linearNaive } from '../linear/naive.js';
import type { Weights } from '../onnx/weights.js';

/**
 * Reference of `residualQuantize`, in float64.
 *
 * @param z - `[T, D]`. @param levels - As for the graph. @param dim - `D`.
 * @returns Codes `[T, K]`.
 */
export function residualQuantizeNaive(
  z: ArrayLike<number>,
  levels: readonly Weights[],
  dim: number,
): Int32Array {
  const numFrames = z.length / dim;
  const codes = new Int32Array(numFrames * levels.length);
  const residual = Float64Array.from(z);
  levels.forEach((level, k) => {
    const { data: codebook, shape } = level.get('codebook', 2);
    const codeDim = shape[1]!;
    const input = level.get('input.weight', 2).data;
    const e = linearNaive(residual, input, level.get('input.bias', 1).data, dim);
    for (let t = 0; t < numFrames; t++) {
      const code = nearest(e.subarray(t * codeDim, (t + 1) * codeDim), codebook);
      codes[t * levels.length + k] = code;
      project(level, code).forEach((value, index) => {
        residual[t * dim + index]! -= value;
      });
    }
  });
  return codes;
}

/**
 * Reference of `residualLookup`, in float64.
 *
 * @param codes - `[T, K']`. @param levels - The first `K'` levels.
 * @returns `[T, D]`.
 */
export function residualLookupNaive(
  codes: ArrayLike<number>,
  levels: readonly Weights[],
): Float64Array {
  const dim = levels[0]!.get('output.bias', 1).data.length;
  const numFrames = codes.length / levels.length;
  const result = new Float64Array(numFrames * dim);
  levels.forEach((level, k) => {
    for (let t = 0; t < numFrames; t++) {
      project(level, codes[t * levels.length + k]!).forEach((value, index) => {
        result[t * dim + index]! += value;
      });
    }
  });
  return result;
}

function nearest(e: Float64Array, codebook: Float32Array): number {
  let best = 0;
  let bestCosine = -Infinity;
  for (let code = 0; code < codebook.length / e.length; code++) {
    const entry = codebook.subarray(code * e.length, (code + 1) * e.length);
    const dot = e.reduce((sum, value, index) => sum + value * entry[index]!, 0);
    const cosine = dot / Math.max(Math.hypot(...e), 1e-12) / Math.max(Math.hypot(...entry), 1e-12);
    if (cosine > bestCosine) {
      bestCosine = cosine;
      best = code;
    }
  }
  return best;
}

function project(level: Weights, code: number): Float64Array {
  const { data, shape } = level.get('codebook', 2);
  const entry = data.subarray(code * shape[1]!, (code + 1) * shape[1]!);
  const weight = level.get('output.weight', 2).data;
  return linearNaive(entry, weight, level.get('output.bias', 1).data, shape[1]!);
}
