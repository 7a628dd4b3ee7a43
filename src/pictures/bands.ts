import type { FrequencyScale } from './frequency-scales.js';
import { NUM_BINS } from './spectra.js';

/** Triangular filters over the bins of a spectrum. */
export class Bands {
  readonly #firstBins: Uint32Array;
  readonly #weights: Float64Array[];

  private constructor(bands: { firstBin: number; weights: Float64Array }[]) {
    this.#firstBins = Uint32Array.from(bands, ({ firstBin }) => firstBin);
    this.#weights = bands.map(({ weights }) => weights);
  }

  /**
   * The usual filter bank: of `numBands + 2` frequencies at equal distances on the scale, each but the
   * outermost is the peak, with weight 1, of a filter that begins and ends at its neighbours.
   *
   * @param scale - The axis, from 0 Hz to half the sample rate.
   * @param numBands - So few that each filter meets a bin: 80 on the mel scale at 24 kHz.
   * @returns The filters, the lowest first.
   */
  static bank(scale: FrequencyScale, numBands: number): Bands {
    const edge = (index: number) => scale.toHz(index / (numBands + 1));
    return new Bands(
      Array.from({ length: numBands }, (_, band) =>
        triangle(scale, edge(band), edge(band + 1), edge(band + 2)),
      ),
    );
  }

  /**
   * Filters for the rows of a picture: each gives the weighted mean of the bins about the middle of its
   * row. Where rows lie closer than bins it interpolates between two bins.
   *
   * @param scale - The axis, from 0 Hz to half the sample rate.
   * @param numRows - Rows; the axis ends with the edges of the outermost.
   * @returns The filters, the lowest first.
   */
  static rows(scale: FrequencyScale, numRows: number): Bands {
    const binHz = scale.toHz(1) / (NUM_BINS - 1);
    const middle = (row: number) => scale.toHz((row + 0.5) / numRows);
    return new Bands(
      Array.from({ length: numRows }, (_, row) => {
        const peak = middle(row);
        const low = Math.min(middle(row - 1), peak - binHz);
        const high = Math.max(middle(row + 1), peak + binHz);
        const { firstBin, weights } = triangle(scale, low, peak, high);
        const sum = weights.reduce((total, weight) => total + weight, 0);
        return { firstBin, weights: weights.map((weight) => weight / sum) };
      }),
    );
  }

  /** How many there are. */
  get length(): number {
    return this.#weights.length;
  }

  /**
   * Applies one filter.
   *
   * @param spectrum - `[NUM_BINS]`.
   * @param band - Its number.
   * @returns The weighted sum of its bins.
   */
  sum(spectrum: Float64Array, band: number): number {
    const weights = this.#weights[band]!;
    const firstBin = this.#firstBins[band]!;
    let sum = 0;
    for (let index = 0; index < weights.length; index++) {
      sum += weights[index]! * spectrum[firstBin + index]!;
    }
    return sum;
  }
}

/** A filter that rises from `low` to `peak` and falls to `high`, all in Hz. */
function triangle(scale: FrequencyScale, low: number, peak: number, high: number) {
  const binHz = scale.toHz(1) / (NUM_BINS - 1);
  const firstBin = Math.max(0, Math.ceil(low / binHz));
  const lastBin = Math.min(NUM_BINS - 1, Math.floor(high / binHz));
  const weights = Float64Array.from({ length: lastBin - firstBin + 1 }, (_, index) => {
    const hz = (firstBin + index) * binHz;
    return Math.max(0, Math.min((hz - low) / (peak - low), (high - hz) / (high - peak)));
  });
  return { firstBin, weights };
}
