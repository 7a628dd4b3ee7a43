/** Tokens in the first chunk of a lone stream: 120 ms, of which the decoder holds 70 back. */
const FIRST_TOKENS = 3;
/** More of them for each other stream, so that ten of them on two cores do not run dry (measured). */
const TOKENS_PER_LISTENER = 1.25;
const GROWTH = 1.5;
/** A second: longer chunks would keep other streams waiting, and cost hardly less. */
const MAX_TOKENS = 25;

/**
 * How much a stream makes at a time: little at first, since somebody waits for it, then more, since a
 * run has a cost of its own. Among many streams the first chunk is longer: it is all that its listener
 * has while the others have their turns.
 */
export class ChunkSizes {
  readonly #countListeners: () => number;
  #grown: number | undefined;

  /** @param countListeners - Tells how many streams are being heard now, this one included. */
  constructor(countListeners: () => number) {
    this.#countListeners = countListeners;
  }

  /** Tokens that the next chunk should have. */
  get next(): number {
    const numOthers = Math.max(0, this.#countListeners() - 1);
    const first = FIRST_TOKENS + Math.ceil(TOKENS_PER_LISTENER * numOthers);
    return this.#grown ?? Math.min(MAX_TOKENS, first);
  }

  /** Tells that a chunk of this size was made: the next one is longer. */
  grow(): void {
    this.#grown = Math.min(MAX_TOKENS, Math.ceil(this.next * GROWTH));
  }

  /** Begins anew, since whoever listens waits again. */
  restart(): void {
    this.#grown = undefined;
  }
}
