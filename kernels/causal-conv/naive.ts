/**
 * Reference of `causalConv`, in float64.
 *
 * @param x - `[T, I]`. @param weight - `[O, I, kernel]`. @param bias - `[O]`.
 * @param sizes - `inDim`, `kernel`, `stride`.
 * @returns `[T / stride, O]`.
 */
export function causalConvNaive(
  x: ArrayLike<number>,
  weight: ArrayLike<number>,
  bias: ArrayLike<number>,
  sizes: { inDim: number; kernel: number; stride: number },
): Float64Array {
  const { inDim, kernel, stride } = sizes;
  const outDim = bias.length;
  const frames = x.length / inDim / stride;
  const result = new Float64Array(frames * outDim);
  for (let t = 0; t < frames; t++) {
    for (let o = 0; o < outDim; o++) {
      let sum = bias[o]!;
      for (let tap = 0; tap < kernel; tap++) {
        const frame = t * stride + tap - (kernel - stride);
        for (let i = 0; frame >= 0 && i < inDim; i++) {
          sum += x[frame * inDim + i]! * weight[(o * inDim + i) * kernel + tap]!;
        }
      }
      result[t * outDim + o] = sum;
    }
  }
  return result;
}

/**
 * Reference of `depthwiseConv`, in float64.
 *
 * @param x - `[T, C]`. @param weight - `[C, 1, kernel]`. @param bias - `[C]`.
 * @param isCausal - Whether the last tap is the present; otherwise the middle one.
 * @returns `[T, C]`.
 */
export function depthwiseConvNaive(
  x: ArrayLike<number>,
  weight: ArrayLike<number>,
  bias: ArrayLike<number>,
  isCausal = true,
): Float64Array {
  const channels = bias.length;
  const kernel = weight.length / channels;
  const numFrames = x.length / channels;
  const present = isCausal ? kernel - 1 : (kernel - 1) / 2;
  return Float64Array.from({ length: x.length }, (_, index) => {
    const t = Math.floor(index / channels);
    const c = index % channels;
    let sum = bias[c]!;
    for (let tap = 0; tap < kernel; tap++) {
      const frame = t + tap - present;
      if (frame >= 0 && frame < numFrames) {
        sum += x[frame * channels + c]! * weight[c * kernel + tap]!;
      }
    }
    return sum;
  });
}
