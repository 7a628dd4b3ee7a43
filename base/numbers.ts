/** Which numbers an option takes. */
export type NumberRange = {
  /** Smallest and largest number allowed. */
  min: number;
  max: number;
  /** Whether only whole numbers are; false by default. */
  isInteger?: boolean;
};

/**
 * Reads a number that a person wrote: decimal digits, with a point unless it must be whole.
 *
 * @param text - Such as `12` or `0.5`; nothing else, no `1e3`, `0x10`, white space or `Infinity`.
 * @param range - What is allowed.
 * @returns The number, or undefined if the text is none or is out of range.
 */
export function readNumber(text: string, range: NumberRange): number | undefined {
  const pattern = range.isInteger === true ? /^-?\d+$/ : /^-?(\d+\.?\d*|\.\d+)$/;
  const number = Number(text);
  return pattern.test(text) && number >= range.min && number <= range.max ? number : undefined;
}

/**
 * Says what a range allows, for messages.
 *
 * @param range - The range.
 * @returns Such as `an integer from 0 to 65535` or `a number of at least 0`.
 */
export function describeRange({ min, max, isInteger }: NumberRange): string {
  const kind = isInteger === true ? 'an integer' : 'a number';
  return max === Infinity ? `${kind} of at least ${min}` : `${kind} from ${min} to ${max}`;
}

/**
 * Rounds a time to whole milliseconds, for people and wires.
 *
 * @param seconds - Any time.
 * @returns Seconds, still.
 */
export function roundToMs(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
