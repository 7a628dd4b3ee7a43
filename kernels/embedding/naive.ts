/**
 * Reference of `embedding`.
 *
 * @param indices - `[T]`.
 * @param table - `[N, C]`.
 * @param channels - `C`.
 * @returns `[T, C]`.
 */
export function embeddingNaive(
  indices: readonly number[],
  table: ArrayLike<number>,
  channels: number,
): Float64Array {
  return Float64Array.from({ length: indices.length * channels }, (_, position) => {
    const row = indices[Math.floor(position / channels)]!;
    return table[row * channels + (position % channels)]!;
  });
}
