/**
 * Reference of `linear`: `x W^T + b` in float64.
 *
 * @param x - `[T, I]`. @param weight - `[O, I]`. @param bias - `[O]`, zeros if left out.
 * @returns `[T, O]`.
 */
export function linearNaive(
  x: ArrayLike<number>,
  weight: ArrayLike<number>,
  bias: ArrayLike<number> | undefined,
  inDim: number,
): Float64Array {
  const outDim = weight.length / inDim;
  const rows = x.length / inDim;
  const result = new Float64Array(rows * outDim);
  for (let row = 0; row < rows; row++) {
    for (let out = 0; out < outDim; out++) {
      let sum = bias === undefined ? 0 : bias[out]!;
      for (let index = 0; index < inDim; index++) {
        sum += x[row * inDim + index]! * weight[out * inDim + index]!;
      }
      result[row * outDim + out] = sum;
    }
  }
  return result;
}
