import type { FrequencyScale } from './frequency-scales.js';

/** A number beside an axis. */
export type Tick = {
  /** Where it stands: 0 is the lower or left end of the axis, 1 the other. */
  position: number;
  label: string;
};

/** Beyond so many seconds times are written with minutes, and then with hours. */
const MINUTES_FROM = 120;
const HOURS_FROM = 7_200;
const CLOCK_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400];

/**
 * Chooses numbers for an axis of time.
 *
 * @param startSeconds - Its left end.
 * @param endSeconds - Its right end, above the left.
 * @param maxTicks - How many there is room for, at least 1.
 * @returns Some of them, at round distances; seconds, from two minutes on minutes and hours with colons.
 */
export function timeTicks(startSeconds: number, endSeconds: number, maxTicks: number): Tick[] {
  const duration = endSeconds - startSeconds;
  const wanted = duration / maxTicks;
  const isClock = endSeconds >= MINUTES_FROM && wanted > 0.5;
  const step = isClock
    ? (CLOCK_STEPS.find((candidate) => candidate >= wanted) ?? roundUp(wanted / 3_600) * 3_600)
    : roundUp(wanted);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return multiples(startSeconds, endSeconds, step).map((seconds) => ({
    position: (seconds - startSeconds) / duration,
    label: isClock ? asClock(seconds, endSeconds >= HOURS_FROM) : seconds.toFixed(digits),
  }));
}

/**
 * Chooses numbers for an axis of frequency.
 *
 * @param scale - The axis.
 * @param minDistance - How far apart they must be, as a share of the axis.
 * @returns Hz, of the scale's marks those that there is room for.
 */
export function frequencyTicks(scale: FrequencyScale, minDistance: number): Tick[] {
  const ticks: Tick[] = [];
  for (const hz of scale.marks) {
    const position = scale.toPosition(hz);
    if (ticks.every((other) => Math.abs(other.position - position) >= minDistance)) {
      ticks.push({ position, label: String(hz) });
    }
  }
  return ticks;
}

/**
 * Chooses numbers for an axis of levels.
 *
 * @param low - Its lower end, dB.
 * @param high - Its upper end, above the lower.
 * @param maxTicks - How many there is room for, at least 1.
 * @param isSigned - Whether a plus shall stand before what is above 0.
 * @returns Whole numbers at round distances.
 */
export function levelTicks(low: number, high: number, maxTicks: number, isSigned: boolean): Tick[] {
  const step = Math.max(1, roundUp((high - low) / maxTicks));
  return multiples(low, high, step).map((level) => ({
    position: (level - low) / (high - low),
    label: `${isSigned && level > 0 ? '+' : ''}${level.toFixed(0)}`,
  }));
}

/** The next number of 1, 2, 5, 10, 20... */
function roundUp(value: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10]
    .map((factor) => factor * magnitude)
    .find((step) => step >= value * 0.999_999)!;
}

function multiples(low: number, high: number, step: number): number[] {
  const first = Math.ceil(low / step - 1e-6);
  const last = Math.floor(high / step + 1e-6);
  // plus 0 makes no negative zero of it
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step + 0);
}

function asClock(totalSeconds: number, hasHours: boolean): string {
  const seconds = Math.round(totalSeconds);
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  return hasHours
    ? `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
    : `${minutes}:${two(seconds % 60)}`;
}
