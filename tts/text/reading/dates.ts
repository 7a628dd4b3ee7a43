import { cardinalWords, ohWords, ordinalWords, pluralWords, yearWords } from '../numbers.js';
import { DAY_NAMES, MONTH_NAMES, MONTHS } from '../tables.js';
import { clockWords } from './times.js';
import { following, rule, type Rule } from './rule.js';

// upper-case first letters only: `may` and `mar` are words
const MONTH = `(?:${namesOf(MONTH_NAMES)})`;
const DAY = `(?:${namesOf(DAY_NAMES)})`;
const NTH = String.raw`(?:st|nd|rd|th)?`;

/** Dates whose first sign is a digit or an apostrophe. */
export const DATE_RULES: readonly Rule[] = [
  rule(
    String.raw`(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:T(\d\d):(\d\d)(?::\d\d(?:\.\d+)?)?Z?)?`,
    (match) => {
      const date = dateWords(Number(match[3]), match[4]!, match[1]!);
      return date && match[5] !== undefined ? [...date, ...clockWords(match[5], match[6]!)] : date;
    },
  ),
  rule(String.raw`(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d\d)`, (match) => {
    const [, first = '', sign, second = '', year = ''] = match;
    if (year.length === 2 && sign !== '/') {
      return undefined;
    }
    // the American order, unless it is no date in it
    return sign === '.' || Number(first) > 12
      ? dateWords(Number(second), first, year)
      : dateWords(Number(first), second, year);
  }),
  rule(
    String.raw`(\d{1,2})${NTH}(?: of)?[ -](${MONTH})\.?(?:(?:[ -]|, ?)(\d{4}))?(?![-.]?\w)`,
    (match, { previous }) => {
      const [, day = '', month = '', year] = match;
      return isDay(day)
        ? [
            ...(/^(?:the|this|that|next|last|every)$/i.test(previous) ? [] : ['the']),
            ...ordinalWords(day),
            'of',
            MONTH_NAMES.get(month.toLowerCase())!,
            ...(year === undefined ? [] : yearWords(year)),
          ]
        : undefined;
    },
  ),
  rule(String.raw`'?(\d\d|\d{4})'?s`, (match) => decadeWords(match[1]!)),
  rule(String.raw`'(\d\d)`, (match) => ohWords(match[1]!)),
  rule(String.raw`(1\d{3}|20\d\d)-(1\d{3}|20\d\d|\d\d)`, (match) => {
    const [, from = '', to = ''] = match;
    return to.length === 2 && Number(to) <= Number(from.slice(2))
      ? undefined
      : [...yearWords(from), 'to', ...(to.length === 2 ? ohWords(to) : yearWords(to))];
  }),
];

/** Dates that begin with a name. */
export const NAMED_DATE_RULES: readonly Rule[] = [
  rule(String.raw`(${MONTH})\.? (\d{1,2})${NTH}(?:-(\d{1,2})${NTH})?(?![:%]|[.,]\d)`, (match) => {
    const [, month = '', day = '', last] = match;
    return isDay(day) && (last === undefined || isDay(last))
      ? [
          MONTH_NAMES.get(month.toLowerCase())!,
          ...ordinalWords(day),
          ...(last === undefined ? [] : ['to', ...ordinalWords(last)]),
        ]
      : undefined;
  }),
  rule(String.raw`(${MONTH}|${DAY})\.?(?=[ ,]+\d)`, (match) => nameOf(match[1]!)),
  rule(String.raw`(${MONTH})\.?-(${MONTH})\.?`, readNames),
  rule(String.raw`(${DAY})\.?-(${DAY})\.?`, readNames),
  rule(String.raw`(${DAY})\.(?=,? [A-Z\d])`, (match, place) =>
    /^,? [A-Z]/.test(following(place, match)) ? nameOf(match[1]!) : undefined,
  ),
];

/** @param digits - Two digits or a year. @returns The decade or century that begins with it. */
function decadeWords(digits: string): string[] | undefined {
  if (digits.length === 2) {
    return Number(digits) % 10 === 0 && digits !== '00'
      ? pluralWords(cardinalWords(digits))
      : undefined;
  }
  return digits.endsWith('0') ? pluralWords(yearWords(digits)) : undefined;
}

function dateWords(month: number, day: string, year: string): string[] | undefined {
  const name = MONTHS[month - 1];
  return name === undefined || !isDay(day)
    ? undefined
    : [name, ...ordinalWords(day), ...(year.length === 2 ? ohWords(year) : yearWords(year))];
}

function isDay(digits: string): boolean {
  return Number(digits) >= 1 && Number(digits) <= 31;
}

function nameOf(written: string): string[] {
  const lower = written.toLowerCase();
  return [MONTH_NAMES.get(lower) ?? DAY_NAMES.get(lower)!];
}

function readNames(match: RegExpExecArray): string[] {
  return [...nameOf(match[1]!), 'to', ...nameOf(match[2]!)];
}

function namesOf(names: ReadonlyMap<string, string>): string {
  return Array.from(names.keys(), (name) => name[0]!.toUpperCase() + name.slice(1))
    .sort((a, b) => b.length - a.length)
    .join('|');
}
