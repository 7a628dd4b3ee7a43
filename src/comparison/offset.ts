import { Fft, RealFft } from '../pictures/fft.js';

const FFT_SIZE = 16_384;

/** What {@link OffsetFinder} found. */
export type Offset = {
  /** How many samples the second signal is behind the first; negative if it is before it. */
  numSamples: number;
  /** Correlation of the two at that offset, from -1 for an inverted copy to 1 for a copy. */
  correlation: number;
};

/**
 * Finds how far a signal is behind another, by cross-correlation of all of both: the offset at which the
 * sum of products has the largest magnitude, the smallest such offset if there are several.
 */
export class OffsetFinder {
  readonly #maxLag: number;
  readonly #blockLength: number;
  readonly #fft = new RealFft(FFT_SIZE);
  /** Both signals from `maxLag` before the present block to `maxLag` after it. */
  readonly #first = new Float64Array(FFT_SIZE);
  readonly #second = new Float64Array(FFT_SIZE);
  readonly #block = new Float64Array(FFT_SIZE);
  /** The cross spectrum of all blocks so far. */
  readonly #real = new Float64Array(FFT_SIZE);
  readonly #imaginary = new Float64Array(FFT_SIZE);
  #filled: number;
  #firstEnergy = 0;
  #secondEnergy = 0;

  /** @param maxLag - Offsets are sought from minus this to this, in samples; at most 4,096. */
  constructor(maxLag: number) {
    this.#maxLag = maxLag;
    this.#blockLength = FFT_SIZE - 2 * maxLag;
    this.#filled = maxLag;
  }

  /**
   * Takes more of both signals.
   *
   * @param first - Any number of samples.
   * @param second - As many.
   */
  push(first: Float32Array, second: Float32Array): void {
    for (let index = 0; index < first.length; index++) {
      this.#pushOne(first[index]!, second[index]!);
    }
  }

  /**
   * Ends both.
   *
   * @returns The offset; `undefined` if one of them is silent.
   */
  finish(): Offset | undefined {
    const energy = Math.sqrt(this.#firstEnergy * this.#secondEnergy);
    if (energy === 0) {
      return undefined;
    }
    // enough silence for the last samples to leave the block
    for (let index = 0; index < this.#blockLength + this.#maxLag; index++) {
      this.#pushOne(0, 0);
    }
    const sums = this.#correlate();
    let best = 0;
    for (let lag = 1; lag <= this.#maxLag; lag++) {
      for (const candidate of [lag, -lag]) {
        // rounding must not prefer one period of a tone to another
        if (Math.abs(sums(candidate)) > Math.abs(sums(best)) * (1 + 1e-9)) {
          best = candidate;
        }
      }
    }
    const correlation = Math.min(1, Math.max(-1, sums(best) / energy));
    return { numSamples: best, correlation };
  }

  #pushOne(first: number, second: number): void {
    this.#firstEnergy += first * first;
    this.#secondEnergy += second * second;
    this.#first[this.#filled] = first;
    this.#second[this.#filled] = second;
    this.#filled += 1;
    if (this.#filled === FFT_SIZE) {
      this.#endBlock();
    }
  }

  #endBlock(): void {
    // what follows the block is silence, so that no offset wraps around
    this.#block.set(this.#first.subarray(this.#maxLag, this.#maxLag + this.#blockLength));
    this.#fft.transform(this.#block);
    const real = this.#fft.real.slice();
    const imaginary = this.#fft.imaginary.slice();
    this.#fft.transform(this.#second);
    for (let k = 0; k <= FFT_SIZE / 2; k++) {
      const secondReal = this.#fft.real[k]!;
      const secondImaginary = this.#fft.imaginary[k]!;
      this.#real[k]! += real[k]! * secondReal + imaginary[k]! * secondImaginary;
      this.#imaginary[k]! += real[k]! * secondImaginary - imaginary[k]! * secondReal;
    }
    this.#first.copyWithin(0, this.#blockLength);
    this.#second.copyWithin(0, this.#blockLength);
    this.#filled = 2 * this.#maxLag;
  }

  #correlate(): (lag: number) => number {
    for (let k = 1; k < FFT_SIZE / 2; k++) {
      this.#real[FFT_SIZE - k] = this.#real[k]!;
      this.#imaginary[FFT_SIZE - k] = -this.#imaginary[k]!;
    }
    // with the parts in each other's place the transform is its inverse
    new Fft(FFT_SIZE).transform(this.#imaginary, this.#real);
    return (lag) => this.#real[this.#maxLag + lag]! / FFT_SIZE;
  }
}
