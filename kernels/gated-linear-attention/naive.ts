/** Sizes of one attention layer. */
export type AttentionSizes = { numHeads: number; keyDim: number; valueDim: number };

/**
 * Reference of `gatedLinearAttention` for one stream, in float64.
 *
 * @param query - `[T, H dk]`. @param key - `[T, H dk]`. @param value - `[T, H dv]`.
 * @param decay - Log decay `[T, H dk]`.
 * @param state - `[H, dk, dv]` before the first step.
 * @param sizes - Heads and their dimensions.
 * @returns The output `[T, H dv]` and the state after the last step.
 */
export function gatedLinearAttentionNaive(
  query: ArrayLike<number>,
  key: ArrayLike<number>,
  value: ArrayLike<number>,
  decay: ArrayLike<number>,
  state: ArrayLike<number>,
  sizes: AttentionSizes,
): { output: Float64Array; state: Float64Array } {
  const { numHeads, keyDim, valueDim } = sizes;
  const output = new Float64Array(value.length);
  const next = Float64Array.from(state);
  const numSteps = query.length / (numHeads * keyDim);
  for (let t = 0; t < numSteps; t++) {
    for (let head = 0; head < numHeads; head++) {
      for (let i = 0; i < keyDim; i++) {
        const at = (t * numHeads + head) * keyDim + i;
        const row = (head * keyDim + i) * valueDim;
        for (let j = 0; j < valueDim; j++) {
          const out = (t * numHeads + head) * valueDim + j;
          next[row + j] = next[row + j]! * Math.exp(decay[at]!) + key[at]! * value[out]!;
          output[out] = output[out]! + (query[at]! * next[row + j]!) / Math.sqrt(keyDim);
        }
      }
    }
  }
  return { output, state: next };
}
