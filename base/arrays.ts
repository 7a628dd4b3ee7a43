/**
 * Puts pieces of samples one after the other.
 *
 * @param pieces - In order; any number, each of any length.
 * @returns A new array of all of them.
 */
export function joinSamples(pieces: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

/** @param a - A whole number, 0 or more. @param b - Likewise. @returns The largest that divides both. */
export function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
