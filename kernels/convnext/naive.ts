import { depthwiseConvNaive } from '../causal-conv/naive.js';
import { linearNaive } from '../linear/naive.js';
import type { Weights } from '../onnx/weights.js';

const EPSILON = 1e-5;

/**
 * Reference of `convNextBlock`, in float64.
 *
 * @param x - `[T, C]`.
 * @param weights - As for the graph.
 * @param isCausal - As for the graph.
 * @param condition - `[1 or T, D]`, or none.
 * @returns `[T, C]`.
 */
export function convNextNaive(
  x: ArrayLike<number>,
  weights: Weights,
  isCausal = true,
  condition?: ArrayLike<number>,
): Float64Array {
  const vectorOf = (name: string) => weights.get(name, 1).data;
  const gamma = vectorOf('gamma');
  const channels = gamma.length;
  const dw = weights.get('dw.weight', 3).data;
  const h = layerNormNaive(
    depthwiseConvNaive(x, dw, vectorOf('dw.bias'), isCausal),
    vectorOf('norm.weight'),
    vectorOf('norm.bias'),
  );
  if (condition !== undefined) {
    const { data, shape } = weights.get('cond.weight', 2);
    const modulation = linearNaive(condition, data, vectorOf('cond.bias'), shape[1]!);
    h.forEach((value, index) => {
      const row = Math.floor(index / channels) * 2 * channels;
      const start = modulation.length === 2 * channels ? 0 : row;
      const scale = modulation[start + (index % channels)]!;
      const shift = modulation[start + channels + (index % channels)]!;
      h[index] = value * (1 + scale) + shift;
    });
  }
  const up = linearNaive(h, weights.get('up.weight', 2).data, vectorOf('up.bias'), channels);
  const hidden = weights.get('up.weight', 2).shape[0]!;
  const down = linearNaive(
    up.map(geluNaive),
    weights.get('down.weight', 2).data,
    vectorOf('down.bias'),
    hidden,
  );
  return down.map((value, index) => x[index]! + value * gamma[index % channels]!);
}

/**
 * LayerNorm over rows, in float64.
 *
 * @param x - `[T, C]`. @param scale - `[C]`. @param bias - `[C]`.
 * @returns `[T, C]`.
 */
export function layerNormNaive(
  x: ArrayLike<number>,
  scale: ArrayLike<number>,
  bias: ArrayLike<number>,
): Float64Array {
  const channels = scale.length;
  const result = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += channels) {
    let mean = 0;
    for (let c = 0; c < channels; c++) {
      mean += x[start + c]! / channels;
    }
    let variance = 0;
    for (let c = 0; c < channels; c++) {
      variance += (x[start + c]! - mean) ** 2 / channels;
    }
    const factor = 1 / Math.sqrt(variance + EPSILON);
    for (let c = 0; c < channels; c++) {
      result[start + c] = (x[start + c]! - mean) * factor * scale[c]! + bias[c]!;
    }
  }
  return result;
}

/**
 * Exact GELU of one number, `x Phi(x)`.
 *
 * @param x - Any finite number.
 */
export function geluNaive(x: number): number {
  return 0.5 * x * (1 + erf(x / Math.SQRT2));
}

/** The error function by its Taylor series near zero and by its continued fraction further out. */
function erf(x: number): number {
  const size = Math.abs(x);
  if (size < 2.5) {
    let term = size;
    let sum = size;
    for (let n = 1; n < 80; n++) {
      term *= (-size * size) / n;
      sum += term / (2 * n + 1);
    }
    return Math.sign(x) * (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) {
    fraction = n / 2 / (size + fraction);
  }
  const tail = Math.exp(-size * size) / Math.sqrt(Math.PI) / (size + fraction);
  return Math.sign(x) * (1 - tail);
}
