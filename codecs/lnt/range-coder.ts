/*
 * A range coder with carry (G. N. N. Martin, "Range encoding", 1979): 48 bits of state in float64 numbers, all of them
 * whole and below 2^53, so that every sum, product and rounded-down quotient is exact and the bytes are the same on
 * every machine.
 */

const TOP = 2 ** 48;
const BOTTOM = 2 ** 40;
const STATE_BYTES = 6;

/** The largest total of frequencies. */
export const MAX_TOTAL = 2 ** 32;

/** Writes symbols of known probability. */
export class RangeEncoder {
  #low = 0;
  #range = TOP;
  #bytes: number[] = [];

  /**
   * Writes a symbol.
   *
   * @param start - Frequencies of all symbols before it.
   * @param frequency - Its own, at least 1.
   * @param total - Those of all, at most {@link MAX_TOTAL}.
   */
  encode(start: number, frequency: number, total: number): void {
    const step = Math.floor(this.#range / total);
    this.#low += step * start;
    this.#range = step * frequency;
    if (this.#low >= TOP) {
      this.#low -= TOP;
      this.#carry();
    }
    while (this.#range < BOTTOM) {
      const byte = Math.floor(this.#low / BOTTOM);
      this.#bytes.push(byte);
      this.#low = (this.#low - byte * BOTTOM) * 256;
      this.#range *= 256;
    }
  }

  /**
   * Ends the symbols.
   *
   * @returns The fewest bytes that say which they were; zeros behind them change nothing, and are left out.
   */
  finish(): Uint8Array {
    for (let unit = TOP; unit >= 1; unit /= 256) {
      const value = Math.ceil(this.#low / unit) * unit;
      if (value < this.#low + this.#range) {
        this.#write(value);
        break;
      }
    }
    while (this.#bytes.at(-1) === 0) {
      this.#bytes.pop();
    }
    return Uint8Array.from(this.#bytes);
  }

  #write(value: number): void {
    let rest = value;
    if (rest >= TOP) {
      rest -= TOP;
      this.#carry();
    }
    for (let unit = BOTTOM; unit >= 1; unit /= 256) {
      const byte = Math.floor(rest / unit);
      this.#bytes.push(byte);
      rest -= byte * unit;
    }
  }

  #carry(): void {
    let index = this.#bytes.length - 1;
    while (this.#bytes[index] === 255) {
      this.#bytes[index--] = 0;
    }
    this.#bytes[index]!++;
  }
}

/** Reads what a {@link RangeEncoder} wrote. */
export class RangeDecoder {
  readonly #bytes: Uint8Array;
  #offset = 0;
  #code = 0;
  #range = TOP;
  #step = 0;

  /** @param bytes - All of them; behind them are zeros, as it were. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    for (let index = 0; index < STATE_BYTES; index++) {
      this.#code = this.#code * 256 + this.#next();
    }
  }

  /** Whether bytes are left that the symbols did not need: none are, but for those that the encoder left out. */
  get hasMore(): boolean {
    return this.#offset < this.#bytes.length;
  }

  /**
   * Tells where the next symbol lies.
   *
   * @param total - As in the encoder.
   * @returns A number that is at least the start of the symbol and below the next one's; `undefined` if no encoder has
   * written this.
   */
  find(total: number): number | undefined {
    this.#step = Math.floor(this.#range / total);
    const place = Math.floor(this.#code / this.#step);
    return place < total ? place : undefined;
  }

  /** Goes on behind a symbol that was found. @param start - As in the encoder. @param frequency - Likewise. */
  pass(start: number, frequency: number): void {
    this.#code -= this.#step * start;
    this.#range = this.#step * frequency;
    while (this.#range < BOTTOM) {
      this.#code = this.#code * 256 + this.#next();
      this.#range *= 256;
    }
  }

  #next(): number {
    return this.#bytes[this.#offset++] ?? 0;
  }
}
