type Source = AsyncGenerator<Float32Array, void, undefined>;

/**
 * Reads two signals in step, to the end of both. Both are closed in the end.
 *
 * @param first - One, in pieces of any length.
 * @param second - The other.
 * @param onPair - Gets as many samples of the one as of the other, in order, until the shorter one ends.
 * @returns How many samples each had.
 */
export async function readInStep(
  first: Source,
  second: Source,
  onPair: (first: Float32Array, second: Float32Array) => void,
): Promise<{ first: number; second: number }> {
  const sides = [new Side(first), new Side(second)] as const;
  const [a, b] = sides;
  try {
    while ((await a.fill()) && (await b.fill())) {
      const length = Math.min(a.piece.length, b.piece.length);
      onPair(a.take(length), b.take(length));
    }
    for (const side of sides) {
      while (await side.fill()) {
        side.take(side.piece.length);
      }
    }
  } finally {
    await first.return();
    await second.return();
  }
  return { first: a.numTaken, second: b.numTaken };
}

class Side {
  readonly #source: Source;
  piece: Float32Array = new Float32Array(0);
  numTaken = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  /** Sees to it that `piece` has samples. @returns False at the end. */
  async fill(): Promise<boolean> {
    while (this.piece.length === 0) {
      const next = await this.#source.next();
      if (next.done === true) {
        return false;
      }
      this.piece = next.value;
    }
    return true;
  }

  take(length: number): Float32Array {
    const taken = this.piece.subarray(0, length);
    this.piece = this.piece.subarray(length);
    this.numTaken += length;
    return taken;
  }
}
