import { Bands } from '../pictures/bands.js';
import { frequencyScale } from '../pictures/frequency-scales.js';
import { NUM_BINS } from '../pictures/spectra.js';

const NUM_BANDS = 80;
/** Bands below this count as this: -80 dB. */
const FLOOR = 1e-4;

/**
 * The distance of two signals' mel spectra as `bench:quality` measures it: the mean, over frames and bands,
 * of the absolute difference in dB. A band is the sum of the spectrum's magnitudes, of which a sine of
 * amplitude 1 has 0.5, under a triangle of height 1 on HTK's mel scale.
 */
export class MelDistance {
  readonly #bands: Bands;
  readonly #magnitudes = new Float64Array(NUM_BINS);
  readonly #first = new Float64Array(NUM_BANDS);
  readonly #second = new Float64Array(NUM_BANDS);
  #sum = 0;
  #numFrames = 0;

  /** @param sampleRate - Of the signals, Hz. */
  constructor(sampleRate: number) {
    this.#bands = Bands.bank(frequencyScale('mel', sampleRate / 2), NUM_BANDS);
  }

  /**
   * Adds a frame.
   *
   * @param first - `[NUM_BINS]`: the power spectrum of the one, a sine of amplitude 1 having 1.
   * @param second - Of the other at the same time.
   */
  add(first: Float64Array, second: Float64Array): void {
    this.#toLevels(first, this.#first);
    this.#toLevels(second, this.#second);
    for (let band = 0; band < NUM_BANDS; band++) {
      this.#sum += Math.abs(this.#first[band]! - this.#second[band]!);
    }
    this.#numFrames += 1;
  }

  /** The mean over all frames, of which there must be one, in dB. */
  get meanDb(): number {
    return this.#sum / (NUM_BANDS * this.#numFrames);
  }

  #toLevels(power: Float64Array, levels: Float64Array): void {
    for (let bin = 0; bin < NUM_BINS; bin++) {
      this.#magnitudes[bin] = Math.sqrt(power[bin]!) / 2;
    }
    for (let band = 0; band < NUM_BANDS; band++) {
      levels[band] = 20 * Math.log10(Math.max(FLOOR, this.#bands.sum(this.#magnitudes, band)));
    }
  }
}
