/**
 * Reference of `sampleToken` for one row, in float64: without limits it walks the classes in their
 * order, else by probability.
 *
 * @param logits - `[C]`.
 * @param options - Temperature above 0, limits, and the noise in `(0, 1)`.
 * @returns Index in `[0, C)`.
 */
export function sampleTokenNaive(
  logits: ArrayLike<number>,
  options: { temperature: number; topK?: number; topP?: number; noise: number },
): number {
  const { temperature, topK = Infinity, topP = 1, noise } = options;
  const scaled = Array.from(logits, (logit) => logit / temperature);
  const largest = Math.max(...scaled);
  const weights = scaled.map((logit) => Math.exp(logit - largest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const entries = weights.map((weight, index) => ({ probability: weight / total, index }));
  const isLimited = topK < weights.length || topP < 1;
  const sorted = isLimited
    ? entries.sort((a, b) => b.probability - a.probability).slice(0, topK)
    : entries;
  const kept: typeof sorted = [];
  let before = 0;
  for (const entry of sorted) {
    if (before < topP) {
      kept.push(entry);
    }
    before += entry.probability;
  }
  const mass = kept.reduce((sum, { probability }) => sum + probability, 0);
  let upTo = 0;
  for (const { probability, index } of kept) {
    upTo += probability;
    if (upTo > noise * mass) {
      return index;
    }
  }
  return kept.at(-1)!.index;
}
