/** Discrete Fourier transform of complex signals in float64, radix 2, in place. */
export class Fft {
  /** Length of the signals. */
  readonly size: number;
  readonly #cosines: Float64Array;
  readonly #sines: Float64Array;
  readonly #reversed: Uint32Array;

  /** @param size - A power of two. */
  constructor(size: number) {
    this.size = size;
    const half = size / 2;
    this.#cosines = Float64Array.from({ length: half }, (_, k) => Math.cos((Math.PI * k) / half));
    this.#sines = Float64Array.from({ length: half }, (_, k) => -Math.sin((Math.PI * k) / half));
    this.#reversed = new Uint32Array(size);
    for (let index = 1; index < size; index++) {
      this.#reversed[index] = (this.#reversed[index >> 1]! >> 1) | (index & 1 ? half : 0);
    }
  }

  /**
   * Computes `X[k] = sum over n of x[n] exp(-2 pi i k n / size)`. With real and imaginary parts given in
   * each other's place it is the inverse, times `size`.
   *
   * @param real - `[size]`, overwritten.
   * @param imaginary - `[size]`, overwritten.
   */
  transform(real: Float64Array, imaginary: Float64Array): void {
    this.#reorder(real);
    this.#reorder(imaginary);
    for (let half = 1; half < this.size; half *= 2) {
      const stride = this.size / (2 * half);
      for (let k = 0; k < half; k++) {
        const cosine = this.#cosines[k * stride]!;
        const sine = this.#sines[k * stride]!;
        for (let low = k; low < this.size; low += 2 * half) {
          const high = low + half;
          const oddReal = real[high]! * cosine - imaginary[high]! * sine;
          const oddImaginary = real[high]! * sine + imaginary[high]! * cosine;
          real[high] = real[low]! - oddReal;
          imaginary[high] = imaginary[low]! - oddImaginary;
          real[low]! += oddReal;
          imaginary[low]! += oddImaginary;
        }
      }
    }
  }

  #reorder(values: Float64Array): void {
    for (let index = 0; index < this.size; index++) {
      const other = this.#reversed[index]!;
      if (other > index) {
        const value = values[index]!;
        values[index] = values[other]!;
        values[other] = value;
      }
    }
  }
}

/** Discrete Fourier transform of real signals: one complex transform of half the length. */
export class RealFft {
  /** `[size / 2 + 1]`: the real parts of the last transform. */
  readonly real: Float64Array;
  /** `[size / 2 + 1]`: its imaginary parts. */
  readonly imaginary: Float64Array;
  readonly #half: Fft;
  readonly #even: Float64Array;
  readonly #odd: Float64Array;
  readonly #cosines: Float64Array;
  readonly #sines: Float64Array;

  /** @param size - Length of the signals: a power of two, at least 4. */
  constructor(size: number) {
    const half = size / 2;
    this.#half = new Fft(half);
    this.#even = new Float64Array(half);
    this.#odd = new Float64Array(half);
    this.real = new Float64Array(half + 1);
    this.imaginary = new Float64Array(half + 1);
    this.#cosines = Float64Array.from(this.real, (_, k) => Math.cos((Math.PI * k) / half));
    this.#sines = Float64Array.from(this.real, (_, k) => -Math.sin((Math.PI * k) / half));
  }

  /**
   * Transforms a signal into `real` and `imaginary`.
   *
   * @param samples - `[size]`.
   */
  transform(samples: ArrayLike<number>): void {
    const { size } = this.#half;
    const even = this.#even;
    const odd = this.#odd;
    for (let index = 0; index < size; index++) {
      even[index] = samples[2 * index]!;
      odd[index] = samples[2 * index + 1]!;
    }
    this.#half.transform(even, odd);
    // the spectra of even and odd samples are the parts of that one with and against its mirror
    for (let k = 0; k <= size; k++) {
      const at = k % size;
      const mirror = (size - k) % size;
      const evenReal = (even[at]! + even[mirror]!) / 2;
      const evenImaginary = (odd[at]! - odd[mirror]!) / 2;
      const oddReal = (odd[at]! + odd[mirror]!) / 2;
      const oddImaginary = (even[mirror]! - even[at]!) / 2;
      const cosine = this.#cosines[k]!;
      const sine = this.#sines[k]!;
      this.real[k] = evenReal + oddReal * cosine - oddImaginary * sine;
      this.imaginary[k] = evenImaginary + oddReal * sine + oddImaginary * cosine;
    }
  }
}
