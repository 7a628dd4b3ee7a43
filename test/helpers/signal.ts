/** Elements of a tensor. */
type Numbers = ArrayLike<number | bigint>;

/** The same numbers for the same seed, evenly in `[-1, 1)`. */
export function noise(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    // Numerical Recipes' linear congruential generator; its upper bits are good enough here
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/**
 * Compares two signals.
 *
 * @param expected - What it should be.
 * @param actual - What was computed.
 * @returns Root mean square of the difference, relative to that of `expected`; NaN for another length
 * and if anything is NaN.
 */
export function relativeRms(expected: Numbers, actual: Numbers): number {
  if (expected.length !== actual.length) {
    return NaN;
  }
  let difference = 0;
  let size = 0;
  for (let index = 0; index < expected.length; index++) {
    difference += (Number(expected[index]) - Number(actual[index])) ** 2;
    size += Number(expected[index]) ** 2;
  }
  return Math.sqrt(difference / size);
}
