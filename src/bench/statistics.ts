/**
 * The middle of some numbers, which a single slow run does not move.
 *
 * @param values - At least one number, in any order.
 * @returns The middle one, or the mean of the two in the middle.
 * @throws {RangeError} Without values.
 */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  if (upper === undefined || lower === undefined) {
    throw new RangeError('There is no median of no values.');
  }
  return (lower + upper) / 2;
}

/**
 * The value that a share of some numbers does not exceed.
 *
 * @param values - At least one number, in any order.
 * @param share - Above 0 and up to 1.
 * @returns One of the numbers.
 * @throws {RangeError} Without values.
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.ceil(sorted.length * share) - 1];
  if (value === undefined) {
    throw new RangeError('There is no percentile of no values.');
  }
  return value;
}

/**
 * The mean of those values that exist.
 *
 * @param values - Numbers; null where a measure was undefined.
 * @returns Their mean, or null if there is none.
 */
export function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/**
 * How long a task takes.
 *
 * @param task - What is measured.
 * @returns Its result and the time in seconds.
 */
export async function timed<T>(task: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const start = performance.now();
  const result = await task();
  return { result, seconds: (performance.now() - start) / 1000 };
}
