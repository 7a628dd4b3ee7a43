/** How frequencies lie on an axis. */
export const SCALE_NAMES = ['mel', 'linear'] as const;

/** One of {@link SCALE_NAMES}. */
export type ScaleName = (typeof SCALE_NAMES)[number];

/** An axis of frequencies, of which 0 is the lower end and 1 the upper. */
export type FrequencyScale = {
  /** @param position - A place on the axis. @returns Hz. */
  toHz: (position: number) => number;
  /** @param hz - A frequency. @returns Its place on the axis. */
  toPosition: (hz: number) => number;
  /** Frequencies for the numbers beside the axis, the most important ones first. */
  marks: readonly number[];
};

/**
 * Mel of a frequency by the formula of HTK (and O'Shaughnessy 1987): `2595 log10(1 + hz / 700)`.
 *
 * @param hz - Above -700 Hz.
 * @returns Mel.
 */
export function toMel(hz: number): number {
  return 2_595 * Math.log10(1 + hz / 700);
}

/** @param mel - As {@link toMel} gives it. @returns Hz. */
export function fromMel(mel: number): number {
  return 700 * (10 ** (mel / 2_595) - 1);
}

/**
 * Makes an axis from 0 Hz up.
 *
 * @param name - Which.
 * @param topHz - Its upper end.
 * @returns The axis.
 */
export function frequencyScale(name: ScaleName, topHz: number): FrequencyScale {
  const top = toMel(topHz);
  return name === 'mel'
    ? {
        toHz: (position) => fromMel(position * top),
        toPosition: (hz) => toMel(hz) / top,
        marks: [0, topHz, 1_000, 2_000, 4_000, 500, 8_000, 250, 6_000, 3_000, 1_500],
      }
    : {
        toHz: (position) => position * topHz,
        toPosition: (hz) => hz / topHz,
        marks: [0, 12, 6, 4, 8, 2, 10, 1, 3, 5, 7, 9, 11].map((kilohertz) => kilohertz * 1_000),
      };
}
