import { hann } from '../../kernels/stft/naive.js';
import { RealFft } from './fft.js';

/** Samples in a frame: 43 ms at 24 kHz, in which the harmonics of a voice stand apart. */
export const FFT_SIZE = 1_024;

/** Bins of a spectrum. */
export const NUM_BINS = FFT_SIZE / 2 + 1;

/**
 * Power spectra of a stream: frames of {@link FFT_SIZE} samples with a periodic Hann window, each centred
 * on its position, with silence before the first sample and behind the last.
 */
export class SpectrumStream {
  /** `[NUM_BINS]`: the last spectrum; a sine of amplitude 1 has a power of 1 in its bin. */
  readonly power = new Float64Array(NUM_BINS);
  readonly #fft = new RealFft(FFT_SIZE);
  readonly #window = hann(FFT_SIZE);
  readonly #frame = new Float64Array(FFT_SIZE);
  #buffer = new Float32Array(8 * FFT_SIZE);
  /** Where in the buffer the next frame begins, and how many samples there are from there on. */
  #start = 0;
  #filled = FFT_SIZE / 2;
  #position = 0;
  #numSamples = 0;

  /** Samples pushed so far. */
  get numSamples(): number {
    return this.#numSamples;
  }

  /** @param samples - More of the stream, any number; not kept. */
  push(samples: Float32Array): void {
    this.#numSamples += samples.length;
    this.#append(samples);
  }

  /** Ends the stream, so that frames which reach behind it can be had. */
  finish(): void {
    this.#append(new Float32Array(FFT_SIZE / 2));
  }

  /**
   * Transforms the next frame into `power`.
   *
   * @param hop - How far behind it the following frame is centred, at most {@link FFT_SIZE}.
   * @returns The sample it is centred on; `undefined` if it is not complete yet, or would be centred behind
   * the last sample.
   */
  next(hop: number): number | undefined {
    const position = this.#position;
    if (this.#filled < FFT_SIZE || position >= this.#numSamples) {
      return undefined;
    }
    for (let index = 0; index < FFT_SIZE; index++) {
      this.#frame[index] = this.#buffer[this.#start + index]! * this.#window[index]!;
    }
    this.#fft.transform(this.#frame);
    const { real, imaginary } = this.#fft;
    for (let bin = 0; bin < NUM_BINS; bin++) {
      // a Hann window sums to half its length, of which a sine leaves half in its bin
      this.power[bin] = (real[bin]! ** 2 + imaginary[bin]! ** 2) * (4 / FFT_SIZE) ** 2;
    }
    this.#position += hop;
    this.#start += hop;
    this.#filled -= hop;
    return position;
  }

  #append(samples: Float32Array): void {
    const end = this.#start + this.#filled;
    if (end + samples.length > this.#buffer.length) {
      const needed = this.#filled + samples.length;
      const target = needed > this.#buffer.length ? new Float32Array(2 * needed) : this.#buffer;
      target.set(this.#buffer.subarray(this.#start, end));
      this.#buffer = target;
      this.#start = 0;
    }
    this.#buffer.set(samples, this.#start + this.#filled);
    this.#filled += samples.length;
  }
}
