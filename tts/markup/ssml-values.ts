/** In seconds, as the large services have them; 0.1 and 0.2 are a comma's. */
const BREAK_SECONDS: Readonly<Record<string, number>> = {
  none: 0,
  'x-weak': 0.1,
  weak: 0.2,
  medium: 0.5,
  strong: 1,
  'x-strong': 1.5,
};
const RATES: Readonly<Record<string, number>> = {
  'x-slow': 0.5,
  slow: 0.75,
  medium: 1,
  default: 1,
  fast: 1.5,
  'x-fast': 2,
};

/** For messages. */
export const STRENGTHS = Object.keys(BREAK_SECONDS).join(', ');
/** For messages. */
export const RATE_NAMES = Object.keys(RATES).join(', ');

/** @param time - Such as `1.5s` or `500ms`. @returns Seconds; undefined if it is no time. */
export function readSeconds(time: string): number | undefined {
  const match = /^\+?(\d+(?:\.\d*)?|\.\d+)\s*(m?s)$/.exec(time.trim());
  return match === null ? undefined : Number(match[1]) / (match[2] === 'ms' ? 1000 : 1);
}

/** @param strength - Such as `weak`. @returns Seconds; undefined if SSML has no such strength. */
export function readStrength(strength: string): number | undefined {
  return lookUp(BREAK_SECONDS, strength);
}

/**
 * Reads a rate.
 *
 * @param rate - `slow` and the like, a factor, a percentage of the rate, or one to be added to it.
 * @returns A factor above 0; undefined if it is no rate.
 */
export function readRate(rate: string): number | undefined {
  const factor = lookUp(RATES, rate) ?? readFactor(rate.trim());
  return factor !== undefined && factor > 0 ? factor : undefined;
}

function readFactor(rate: string): number | undefined {
  const match = /^([-+]?)(\d+(?:\.\d*)?|\.\d+)(%?)$/.exec(rate);
  if (match === null) {
    return undefined;
  }
  const [, sign, digits, percent] = match;
  const value = Number(digits) / (percent === '%' ? 100 : 1);
  if (percent === '%' && sign !== '') {
    return sign === '-' ? 1 - value : 1 + value;
  }
  return sign === '-' ? undefined : value;
}

function lookUp(table: Readonly<Record<string, number>>, name: string): number | undefined {
  return Object.hasOwn(table, name.trim()) ? table[name.trim()] : undefined;
}
