/** Bytes that came and are not read yet. Takes the room of what waits in it, and as much again. */
export class ByteQueue {
  #bytes = new Uint8Array(0);
  #start = 0;
  #end = 0;

  /** Bytes waiting. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** What waits, without a copy; valid until the next call of another method. */
  get waiting(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /** @param bytes - Bytes to append; they are copied. */
  push(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#bytes.length) {
      const { waiting } = this;
      const needed = waiting.length + bytes.length;
      if (needed <= this.#bytes.length && 2 * waiting.length <= this.#bytes.length) {
        this.#bytes.copyWithin(0, this.#start, this.#end);
      } else {
        // where little pieces make a long one the room is doubled, so that few of them need a copy
        const isGrowing = waiting.length > bytes.length;
        this.#bytes = new Uint8Array(isGrowing ? 2 * needed : needed);
        this.#bytes.set(waiting);
      }
      this.#start = 0;
      this.#end = waiting.length;
    }
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** @param count - Bytes to drop from the front, at most `length`. */
  drop(count: number): void {
    this.#start += count;
  }

  /** Forgets what waits, and its room. */
  clear(): void {
    this.#bytes = new Uint8Array(0);
    this.#start = 0;
    this.#end = 0;
  }
}
