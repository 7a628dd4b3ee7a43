import {
  cardinalWords,
  decimalWords,
  digitWords,
  fractionWords,
  mixedWords,
  ordinalWords,
  pairWords,
  signWords,
  versionWords,
  yearWords,
} from '../numbers.js';
import { isContext, STATES } from '../tables.js';
import { following, NUMBER, prefixRule, rule, type Place, type Rule } from './rule.js';

const COMPARISONS: Readonly<Record<string, string[]>> = {
  '<': ['less', 'than'],
  '>': ['more', 'than'],
  '<=': ['at', 'most'],
  '>=': ['at', 'least'],
  '~': ['about'],
  '+/-': ['plus', 'or', 'minus'],
  '√': ['square', 'root', 'of'],
};

/** Signs before an amount, which is then read as usual. */
export const SIGN_RULES: readonly Rule[] = [
  prefixRule(
    String.raw`(?:[<>]=?|~|\+\/-|√)\s?(?=[\d$€£.])`,
    (match) => COMPARISONS[match[0].trim()],
  ),
];

/** Percentages, fractions, ordinals, ranges, versions and plain numbers. */
export const AMOUNT_RULES: readonly Rule[] = [
  rule(`([-+]?)(${NUMBER})(?:%?\\s?-\\s?(${NUMBER}))?(?:-|\\s?)(?:%|percent)`, (match) => [
    ...signWords(match[1]!),
    ...decimalWords(match[2]!),
    ...(match[3] === undefined ? [] : ['to', ...decimalWords(match[3])]),
    'percent',
  ]),
  rule(String.raw`(-?)(\d+)[ -](\d+)/(\d+)`, readMixed),
  rule(String.raw`(-?)(\d+)/(\d+)(?:th|ths|rd|rds)?`, (match) => [
    ...signWords(match[1]!),
    ...fractionWords(match[2]!, match[3]!),
  ]),
  rule(
    String.raw`((?:\d{1,3}(?:,\d{3})+|\d+))(?:st|nd|rd|th)(?:-(\d+)(?:st|nd|rd|th))?('s|s)?`,
    readOrdinal,
    'i',
  ),
  rule(String.raw`\d+\.\d+\.\d+\.\d+`, (match) =>
    match[0]
      .split('.')
      .flatMap((part, index) => [...(index === 0 ? [] : ['dot']), ...cardinalWords(part)]),
  ),
  rule(String.raw`\d+(?:\.\d+){2,}`, (match) => versionWords(match[0])),
  rule(String.raw`(\d+(?:\.\d+)?)[eE]([-+]?)(\d{1,3})`, (match) => [
    ...decimalWords(match[1]!),
    'times',
    'ten',
    'to',
    'the',
    ...(match[2] === '-' ? ['minus'] : []),
    ...ordinalWords(match[3]!),
  ]),
  rule(String.raw`(\d{5})-(\d{4})`, (match) => [
    ...digitWords(match[1]!),
    ',',
    ...digitWords(match[2]!),
  ]),
  rule(`(${NUMBER})(?:-| - )(${NUMBER})`, (match) => [
    ...plainNumber(match[1]!),
    'to',
    ...plainNumber(match[2]!),
  ]),
  rule(`([-+]?)(${NUMBER})(\\+?|'s|s)`, readPlain),
  rule(String.raw`(\d{1,5})([A-Za-z])`, (match) => [
    ...plainNumber(match[1]!),
    match[2]!.toUpperCase(),
  ]),
];

/** Versions with a letter before them: `v1.2.3`. */
export const VERSION_RULES: readonly Rule[] = [
  rule(String.raw`[vV]\.?(\d+(?:\.\d+)*)`, (match) => ['version', ...versionWords(match[1]!)]),
  rule(String.raw`([A-Z]{2,5})-(\d+\.\d+)`, (match) => [
    ...Array.from(match[1]!),
    ...decimalWords(match[2]!),
  ]),
];

function readMixed(match: RegExpExecArray): string[] | undefined {
  const [, sign, whole, top, bottom] = match;
  return Number(top) < Number(bottom)
    ? [...signWords(sign!), ...mixedWords(whole!, top!, bottom!)]
    : undefined;
}

function readOrdinal(match: RegExpExecArray): string[] {
  const [, from = '', to, ending = ''] = match;
  const words = ordinalWords(from.replaceAll(',', ''));
  if (to !== undefined) {
    return [...words, 'to', ...ordinalWords(to)];
  }
  words.push(words.pop()! + ending.toLowerCase());
  return words;
}

function readPlain(match: RegExpExecArray, place: Place): string[] {
  const [, sign = '', number = '', ending = ''] = match;
  const words = [
    ...signWords(sign),
    ...(sign === '' ? numberInContext(number, match, place) : decimalWords(number)),
  ];
  if (ending === '+') {
    return [...words, 'plus'];
  }
  words.push(words.pop()! + ending);
  return words;
}

function numberInContext(number: string, match: RegExpExecArray, place: Place): string[] {
  const { previous } = place;
  if (number.includes('.')) {
    return isContext('version', previous) && !number.includes(',')
      ? versionWords(number)
      : decimalWords(number);
  }
  if ((isContext('zip', previous) || STATES.has(previous)) && number.length === 5) {
    return digitWords(number);
  }
  if (isContext('digits', previous) && number.length >= 4) {
    return digitWords(number);
  }
  if (isContext('pairs', previous) && number.length >= 3 && number.length <= 4) {
    return pairWords(number);
  }
  if (/^[1-9]\d{3}$/.test(number)) {
    return isYear(number, match, place) ? yearWords(number) : decimalWords(number);
  }
  return plainNumber(number);
}

/** A bare number: identifiers digit by digit, years as years. */
function plainNumber(number: string): string[] {
  const isIdentifier =
    /^0\d+$/.test(number) || (/^\d{8,}$/.test(number) && !number.endsWith('000'));
  return isIdentifier
    ? digitWords(number)
    : /^(?:1[1-9]|20)\d\d$/.test(number)
      ? yearWords(number)
      : decimalWords(number);
}

function isYear(number: string, match: RegExpExecArray, place: Place): boolean {
  if (!/^(?:1\d|20)\d\d$/.test(number)) {
    return false;
  }
  if (isContext('year', place.previous) || /^ (?:BC|AD|CE|BCE)\b/.test(following(place, match))) {
    return true;
  }
  const isCounted = /^ (?:people|more|[a-z]{3,}s)(?! of\b)\b/.test(following(place, match));
  // 1500 people are as many as fifteen hundred
  return !number.startsWith('10') && !(isCounted && !number.endsWith('00'));
}
