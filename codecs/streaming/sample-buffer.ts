/**
 * Cuts a stream of samples into whole frames. Grows by doubling, so that many small pushes cost no
 * more than a few large ones.
 */
export class SampleBuffer {
  readonly #frameSize: number;
  #samples: Float32Array;
  #length = 0;

  /** @param frameSize - Samples in a frame, at least 1. */
  constructor(frameSize: number) {
    this.#frameSize = frameSize;
    this.#samples = new Float32Array(frameSize);
  }

  /** Samples waiting. */
  get length(): number {
    return this.#length;
  }

  /** @param pcm - Samples to append; they are copied. */
  push(pcm: Float32Array): void {
    const needed = this.#length + pcm.length;
    if (needed > this.#samples.length) {
      const grown = new Float32Array(Math.max(needed, 2 * this.#samples.length));
      grown.set(this.#samples.subarray(0, this.#length));
      this.#samples = grown;
    }
    this.#samples.set(pcm, this.#length);
    this.#length = needed;
  }

  /**
   * Takes whole frames from the front.
   *
   * @param maxFrames - The most frames to take, at least 1.
   * @returns A copy of the frames, of a multiple of the frame size, empty if none is complete.
   */
  takeFrames(maxFrames: number): Float32Array {
    const frames = Math.min(maxFrames, Math.floor(this.#length / this.#frameSize));
    const taken = this.#samples.slice(0, frames * this.#frameSize);
    this.#samples.copyWithin(0, taken.length, this.#length);
    this.#length -= taken.length;
    return taken;
  }

  /** Takes everything that is waiting, whole frames or not, as a copy. */
  takeAll(): Float32Array {
    const taken = this.#samples.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  /** Forgets what is waiting. */
  clear(): void {
    this.#length = 0;
  }
}
