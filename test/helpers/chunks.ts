/**
 * Cuts a signal into pieces.
 *
 * @param samples - The signal.
 * @param size - Length of each piece but the last.
 * @returns Views of `samples`, in order.
 */
export function cut(samples: Float32Array, size: number): Float32Array[] {
  const pieces: Float32Array[] = [];
  for (let start = 0; start < samples.length; start += size) {
    pieces.push(samples.subarray(start, start + size));
  }
  return pieces;
}

/**
 * Joins pieces.
 *
 * @param pieces - Any number.
 * @returns One array with all of them.
 */
export function join(pieces: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

/**
 * The largest difference between two signals.
 *
 * @param left - One.
 * @param right - The other, of the same length; otherwise the result is infinite.
 * @returns 0 if they are equal; NaN anywhere gives NaN.
 */
export function largestDifference(left: Float32Array, right: Float32Array): number {
  if (left.length !== right.length) {
    return Infinity;
  }
  return left.reduce((most, value, index) => Math.max(most, Math.abs(value - right[index]!)), 0);
}
