import { linearNaive } from '../linear/naive.js';

/**
 * Reference of `swiGlu`, in float64.
 *
 * @param x - `[T, C]`.
 * @param gateUp - `[2 H, C]`, the gate first.
 * @param down - `[C, H]`.
 * @param channels - `C`.
 * @returns `[T, C]`.
 */
export function swiGluNaive(
  x: ArrayLike<number>,
  gateUp: ArrayLike<number>,
  down: ArrayLike<number>,
  channels: number,
): Float64Array {
  const hidden = gateUp.length / channels / 2;
  const both = linearNaive(x, gateUp, undefined, channels);
  const gated = Float64Array.from({ length: both.length / 2 }, (_, index) => {
    const start = Math.floor(index / hidden) * 2 * hidden + (index % hidden);
    return siluNaive(both[start]!) * both[start + hidden]!;
  });
  return linearNaive(gated, down, undefined, hidden);
}

/**
 * `x / (1 + e^-x)`.
 *
 * @param x - Any finite number.
 */
export function siluNaive(x: number): number {
  return x / (1 + Math.exp(-x));
}
