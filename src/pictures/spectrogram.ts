import { Bands } from './bands.js';
import { Columns, MAX_HOP } from './columns.js';
import type { FrequencyScale } from './frequency-scales.js';
import { SpectrumStream } from './spectra.js';

/** What a spectrogram is drawn into. */
export type SpectrogramSizes = {
  /** Columns. */
  width: number;
  /** Rows. */
  height: number;
  /** How frequencies lie on the rows, from 0 Hz to half the sample rate. */
  scale: FrequencyScale;
};

/** A spectrogram of a stream of samples, in memory that does not grow with their number. */
export class Spectrogram {
  readonly #spectra = new SpectrumStream();
  readonly #columns: Columns | undefined;
  readonly #rows: Bands | undefined;

  /** @param sizes - Those of the picture; without them there is none, only spectra. */
  constructor(sizes?: SpectrogramSizes) {
    if (sizes !== undefined) {
      this.#columns = new Columns(sizes.width, sizes.height);
      this.#rows = Bands.rows(sizes.scale, sizes.height);
    }
  }

  /** Samples pushed so far. */
  get numSamples(): number {
    return this.#spectra.numSamples;
  }

  /** The last spectrum; see {@link SpectrumStream.power}. */
  get power(): Float64Array {
    return this.#spectra.power;
  }

  /** @param samples - More of the stream, any number; `next` takes them in. */
  push(samples: Float32Array): void {
    this.#spectra.push(samples);
  }

  /** Ends the stream; `next` takes in the rest. */
  end(): void {
    this.#spectra.finish();
  }

  /**
   * Takes in the next frame. Frames that are centred on multiples of {@link MAX_HOP} are all met.
   *
   * @returns The sample that it is centred on; `undefined` when it needs samples that have not come.
   */
  next(): number | undefined {
    const position = this.#spectra.next(this.#columns?.hop ?? MAX_HOP);
    if (position !== undefined) {
      this.#columns?.add((row) => this.#rows!.sum(this.power, row));
    }
    return position;
  }

  /**
   * Gives the picture, once `next` has nothing more.
   *
   * @returns `[width, height]`: mean powers, the first column and its lowest row first; a sine of amplitude
   * 1 has about 1.
   */
  finish(): Float32Array {
    return this.#columns!.finish(this.numSamples);
  }
}
