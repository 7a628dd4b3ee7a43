/**
 * Phones that `numSteps` steps can look at: those that the pointer can come to, and the one after.
 *
 * @param numSteps - Steps in a run, at least 1.
 * @param maxAdvance - Phones that the pointer can move in a step, at least 2.
 */
export function windowLength(numSteps: number, maxAdvance: number): number {
  return numSteps * maxAdvance + 1;
}
