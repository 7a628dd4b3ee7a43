/**
 * Puts pieces of samples one after the other.
 *
 * @param pieces - In order; any number, each of any length.
 * @returns A new array of all of them.
 */
export function joinSamples(pieces: readonly Float32Array[]): Float32Array {
  return fill(new Float32Array(totalLength(pieces)), pieces);
}

/**
 * Puts pieces of bytes one after the other.
 *
 * @param pieces - In order; any number, each of any length.
 * @returns A new array of all of them.
 */
export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  return fill(new Uint8Array(totalLength(pieces)), pieces);
}

/** @param a - A whole number, 0 or more. @param b - Likewise. @returns The largest that divides both. */
export function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function totalLength(pieces: readonly { length: number }[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

function fill<T extends Float32Array | Uint8Array>(whole: T, pieces: readonly T[]): T {
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}
