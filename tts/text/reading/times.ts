import { cardinalWords, ohWords } from '../numbers.js';
import { isContext } from '../tables.js';
import { rule, type Rule } from './rule.js';

const HALF = String.raw`([ap])\.?m\.?`;
const CLOCK = String.raw`(\d{1,2})(?::([0-5]\d))?`;

/** Zones with a difference: `UTC-5`. */
export const ZONE_RULES: readonly Rule[] = [
  rule(String.raw`(UTC|GMT)([-+])(\d{1,2})(?::(\d\d))?`, (match) => [
    ...Array.from(match[1]!),
    match[2] === '-' ? 'minus' : 'plus',
    ...cardinalWords(match[3]!),
    ...(match[4] === undefined ? [] : ohWords(match[4])),
  ]),
];

/** Times of the day and their ranges, and ratios, which are written alike. */
export const TIME_RULES: readonly Rule[] = [
  rule(`${CLOCK}(?:\\s?${HALF})?\\s?-\\s?${CLOCK}(?:\\s?${HALF})?`, readRange, 'i'),
  rule(String.raw`(\d{1,2})[:.]([0-5]\d)(?::([0-5]\d))?\s?` + HALF, readTime, 'i'),
  rule(String.raw`(\d{1,2}):([0-5]\d)(?::([0-5]\d))?`, readTime),
  rule(
    String.raw`(1[0-2]|0?[1-9])\s?` + HALF,
    (match) => [...cardinalWords(match[1]!), ...halfWords(match[2]!)],
    'i',
  ),
  rule(String.raw`(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)(?::(\d+))?`, (match) =>
    match
      .slice(1)
      .filter(Boolean)
      .flatMap((part, index) => [...(index === 0 ? [] : ['to']), ...numberWords(part)]),
  ),
];

/**
 * A time of the day in words.
 *
 * @param hours - Decimal digits.
 * @param minutes - Two digits.
 * @param half - `a` or `p` if it is given.
 * @returns Words: `nine thirty`, `twelve o'clock`, `seven P M`.
 */
export function clockWords(hours: string, minutes: string, half?: string): string[] {
  if (half !== undefined) {
    return [
      ...cardinalWords(hours),
      ...(minutes === '00' ? [] : ohWords(minutes)),
      ...halfWords(half),
    ];
  }
  if (minutes !== '00') {
    return [...cardinalWords(hours), ...ohWords(minutes)];
  }
  return [
    ...cardinalWords(hours),
    Number(hours) > 12 || Number(hours) === 0 ? 'hundred' : "o'clock",
  ];
}

function readTime(
  match: RegExpExecArray,
  place: { previous: string; sentence: string; start: number },
): string[] | undefined {
  const [, hours = '', minutes = '', seconds, half] = match;
  // "ratio of 1:10"
  const before = /(\w+)(?: of)? $/.exec(
    place.sentence.slice(Math.max(0, place.start - 20), place.start),
  );
  if (Number(hours) > 24 || isContext('ratio', before?.[1] ?? '')) {
    return undefined;
  }
  const time = clockWords(hours, minutes, seconds === undefined ? half : undefined);
  return seconds === undefined
    ? time
    : [
        ...(minutes === '00' ? [...cardinalWords(hours), 'zero', 'zero'] : time),
        'and',
        ...cardinalWords(seconds),
        'seconds',
        ...(half === undefined ? [] : halfWords(half)),
      ];
}

/** A range is one of times only if something beside the numbers says so. */
function readRange(match: RegExpExecArray): string[] | undefined {
  const [, from = '', fromMinutes, fromHalf, to = '', toMinutes, toHalf] = match;
  const hasHalf = toHalf !== undefined || fromHalf !== undefined;
  if ((!hasHalf && (fromMinutes === undefined || toMinutes === undefined)) || Number(from) > 24) {
    return undefined;
  }
  const begin =
    fromMinutes === undefined && fromHalf === undefined
      ? cardinalWords(from)
      : hasHalf && fromHalf === undefined
        ? [...cardinalWords(from), ...(fromMinutes === '00' ? [] : ohWords(fromMinutes!))]
        : clockWords(from, fromMinutes ?? '00', fromHalf);
  return [...begin, 'to', ...clockWords(to, toMinutes ?? '00', toHalf)];
}

function halfWords(half: string): string[] {
  return [half.toUpperCase(), 'M'];
}

function numberWords(text: string): string[] {
  const [whole = '', fraction] = text.split('.');
  return [
    ...cardinalWords(whole),
    ...(fraction === undefined
      ? []
      : ['point', ...Array.from(fraction).flatMap((digit) => cardinalWords(digit))]),
  ];
}
