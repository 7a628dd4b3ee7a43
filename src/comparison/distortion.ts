/** A residual of this share of the energy is what float32 leaves of none. */
const ROUNDING = 1e-14;

/** What {@link Distortion} measures. */
export type DistortionFigures = {
  /**
   * `10 log10(sum a^2 / sum (b - a)^2)`, dB, of the original `a` and the decoded `b`; Infinity if they are
   * the same, NaN if `a` is silent and they are not.
   */
  snrDb: number;
  /**
   * The same with `a` scaled to what is nearest to `b` (Le Roux et al. 2019, "SDR - half-baked or well
   * done?"), the means being left in; Infinity if `b` is a scaled `a`, -Infinity if they have nothing in
   * common, NaN if one of them is silent.
   */
  siSdrDb: number;
  /** Whether all samples are the same. */
  isIdentical: boolean;
  /** Whether all samples are zero. */
  isOriginalSilent: boolean;
  isDecodedSilent: boolean;
};

/** How much a decoded signal differs from its original, sample by sample. */
export class Distortion {
  #originalEnergy = 0;
  #decodedEnergy = 0;
  #product = 0;
  #differenceEnergy = 0;

  /**
   * Takes more of both signals.
   *
   * @param original - Any number of samples.
   * @param decoded - As many.
   */
  push(original: Float32Array, decoded: Float32Array): void {
    for (let index = 0; index < original.length; index++) {
      const a = original[index]!;
      const b = decoded[index]!;
      this.#originalEnergy += a * a;
      this.#decodedEnergy += b * b;
      this.#product += a * b;
      this.#differenceEnergy += (b - a) ** 2;
    }
  }

  /** @returns The figures for all so far. */
  finish(): DistortionFigures {
    const original = this.#originalEnergy;
    const decoded = this.#decodedEnergy;
    const isIdentical = this.#differenceEnergy === 0;
    // of the decoded signal, what is like the original, and the rest
    const target = this.#product ** 2 / original;
    const residual = decoded - target;
    const isScaled = residual <= ROUNDING * decoded;
    return {
      snrDb: isIdentical
        ? Infinity
        : original === 0
          ? NaN
          : 10 * Math.log10(original / this.#differenceEnergy),
      siSdrDb:
        original === 0 || decoded === 0
          ? NaN
          : isScaled
            ? Infinity
            : 10 * Math.log10(target / residual),
      isIdentical,
      isOriginalSilent: original === 0,
      isDecodedSilent: decoded === 0,
    };
  }
}
