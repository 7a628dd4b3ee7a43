import { SpeechError } from '../../base/errors.js';

/** Length in samples at 24 kHz of one output block and of each cross-fade: 20 ms. */
export const HOP = 480;

/**
 * How far, in samples, a block may be taken from its nominal place: 10 ms either way, so that the
 * range holds a whole period of any voice above 50 Hz.
 */
export const SEARCH = 240;

/** Only each second sample is compared; the bandwidth that is left decides the fit anyway. */
export const STRIDE = 2;

/** Subtracted from the similarity at the edge of the search range, so that ties go to the middle. */
export const DISTANCE_PENALTY = 1e-3;

/** Energy of a 20 ms block below which it counts as silence: about -90 dB of full scale. */
export const SILENCE_ENERGY = HOP * 1e-9;

/** The speeds that {@link checkSpeed} accepts. */
export const SPEED_RANGE = { min: 0.25, max: 4 } as const;

/**
 * Checks a speed.
 *
 * @param speed - How many seconds of natural speech go into one second of output.
 * @throws {SpeechError} `SPEED_OUT_OF_RANGE` unless it is a number in {@link SPEED_RANGE}.
 */
export function checkSpeed(speed: number): void {
  // a comparison that is also false for NaN
  if (!(speed >= SPEED_RANGE.min && speed <= SPEED_RANGE.max)) {
    throw new SpeechError(
      'SPEED_OUT_OF_RANGE',
      `speed is ${speed}; it must be a number from ${SPEED_RANGE.min} to ${SPEED_RANGE.max}.`,
      { speed: String(speed) },
    );
  }
}

/**
 * Brings a speed that was computed into the range.
 *
 * @param speed - Any number.
 * @returns The nearest speed in {@link SPEED_RANGE}.
 */
export function clampSpeed(speed: number): number {
  return Math.min(SPEED_RANGE.max, Math.max(SPEED_RANGE.min, speed));
}

/**
 * The weight of the incoming block at sample `index` of a cross-fade; the outgoing one has the rest.
 *
 * @param index - 0 to {@link HOP} - 1.
 * @returns A raised cosine from near 0 to near 1.
 */
export function fadeIn(index: number): number {
  return 0.5 - 0.5 * Math.cos((Math.PI * (index + 0.5)) / HOP);
}
