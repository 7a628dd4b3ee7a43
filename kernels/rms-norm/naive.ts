/**
 * Reference of `rmsNorm`, in float64.
 *
 * @param x - `[T, C]`.
 * @param weight - `[C]`.
 * @returns `[T, C]`: `x / sqrt(mean(x^2) + 1e-6) * weight`, row by row.
 */
export function rmsNormNaive(x: ArrayLike<number>, weight: ArrayLike<number>): Float64Array {
  const channels = weight.length;
  const result = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += channels) {
    let meanSquare = 0;
    for (let c = 0; c < channels; c++) {
      meanSquare += x[start + c]! ** 2 / channels;
    }
    const factor = 1 / Math.sqrt(meanSquare + 1e-6);
    for (let c = 0; c < channels; c++) {
      result[start + c] = x[start + c]! * factor * weight[c]!;
    }
  }
  return result;
}
