/** Codes of one level that wait until a block of them is there. */
export class CodeBuffer {
  #codes = new Uint16Array(64);
  #start = 0;
  #end = 0;

  /** Codes waiting. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** @param codes - Codes to append; they are copied. */
  push(codes: Uint16Array): void {
    const needed = this.length + codes.length;
    if (this.#end + codes.length > this.#codes.length) {
      const waiting = this.#codes.subarray(this.#start, this.#end);
      // at least half of the room is free afterwards, so that many small pushes cost little
      this.#codes = new Uint16Array(Math.max(2 * needed, 64));
      this.#codes.set(waiting);
      this.#start = 0;
      this.#end = waiting.length;
    }
    this.#codes.set(codes, this.#end);
    this.#end += codes.length;
  }

  /**
   * Moves codes out of the front.
   *
   * @param target - Where they go.
   * @param offset - The place of the first.
   * @param count - How many; so many must be waiting.
   */
  moveTo(target: Uint16Array, offset: number, count: number): void {
    target.set(this.#codes.subarray(this.#start, this.#start + count), offset);
    this.#start += count;
  }
}
