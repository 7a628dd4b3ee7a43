import { cardinalWords, decimalWords, isOne, signWords } from '../numbers.js';
import { CURRENCIES, isContext, MAGNITUDES, UNITS, type Currency } from '../tables.js';
import { following, isAttributive, NUMBER, rule, type Place, type Rule } from './rule.js';

const SIGN = '(?:US|CA|C|AU|A|NZ|HK)?\\$|[€£¥₹₩₿]';
const CODE = Array.from(CURRENCIES.keys())
  .filter((sign) => /^[A-Z]{3}$|\.$/.test(sign))
  .map((sign) => sign.replace('.', '\\.'))
  .join('|');
const MAGNITUDE = `[ -]?(?:thousand|million|billion|trillion)|k|[mbt]n?`;

/** Amounts of money that begin with their sign, a minus or a digit. */
export const MONEY_RULES: readonly Rule[] = [
  // the European decimal comma
  rule(
    `(-?)(${SIGN})(-?)(\\d+),(\\d\\d)`,
    ({ 1: minus, 2: sign, 3: after, 4: whole, 5: cents }) => [
      ...signWords(minus! + after!),
      ...amountWords(CURRENCIES.get(sign!)!, `${whole}.${cents}`),
    ],
  ),
  rule(
    `([-+]?)(${SIGN})(-?)(${NUMBER})(${MAGNITUDE})?(?:\\s?-\\s?(?:${SIGN})?(${NUMBER})(${MAGNITUDE})?)?(?:/([a-z]+))?(\\+|-plus)?`,
    readSigned,
    'i',
  ),
  rule(`(${NUMBER})(${MAGNITUDE})?\\s?([€£₹¢])`, (match, place) => readAfter(match, place)),
  rule(`(${NUMBER})(${MAGNITUDE})? (${CODE})`, (match, place) => readAfter(match, place)),
];

/** Amounts that begin with letters: `USD 20`, `US$5`. */
export const NAMED_MONEY_RULES: readonly Rule[] = [
  rule(`()(${CODE}) ?()(${NUMBER})(${MAGNITUDE})?`, readSigned),
  MONEY_RULES[1]!,
];

function readSigned(match: RegExpExecArray, place: Place): string[] {
  const [, minus, sign, after, amount, magnitude = '', to, toMagnitude = '', per, plus] = match;
  const currency = CURRENCIES.get(sign!) ?? CURRENCIES.get(sign!.toUpperCase())!;
  const last = to === undefined ? magnitude : toMagnitude;
  const isSingle =
    isAttributive(place, match) ||
    isContext('bills', /^ (\w*)/.exec(following(place, match))?.[1] ?? '');
  return [
    ...signWords(minus! + after!),
    ...(to === undefined ? [] : [...decimalWords(amount!), ...magnitudeWords(magnitude), 'to']),
    ...amountWords(currency, to ?? amount!, last, isSingle),
    ...(per === undefined ? [] : ['per', ...(UNITS.get(per)?.one ?? [per.toLowerCase()])]),
    ...(plus === undefined ? [] : ['plus']),
  ];
}

function readAfter(match: RegExpExecArray, place: Place): string[] {
  const [, amount = '', magnitude = '', sign = ''] = match;
  if (sign === '¢') {
    return [...decimalWords(amount), isOne(amount) ? 'cent' : 'cents'];
  }
  return amountWords(CURRENCIES.get(sign)!, amount, magnitude, isAttributive(place, match));
}

function amountWords(
  currency: Currency,
  amount: string,
  magnitude = '',
  isSingle = false,
): string[] {
  const { one, many, cent, cents } = currency;
  if (magnitude !== '') {
    return [...decimalWords(amount), ...magnitudeWords(magnitude), ...(isSingle ? one : many)];
  }
  const [whole = '', fraction = ''] = amount.replaceAll(',', '').split('.');
  if (fraction.length !== 2) {
    return [...decimalWords(amount), ...(isSingle || isOne(amount) ? one : many)];
  }
  const hundreds = Number(fraction);
  const small = [...cardinalWords(fraction), hundreds === 1 ? cent : cents];
  if (Number(whole) === 0 && hundreds > 0) {
    return small;
  }
  const large = [...cardinalWords(whole === '' ? '0' : whole), ...(isOne(whole) ? one : many)];
  return hundreds === 0 ? large : [...large, 'and', ...small];
}

function magnitudeWords(magnitude: string): string[] {
  const key = magnitude.replace(/^[ -]/, '').toLowerCase();
  return key === '' ? [] : [MAGNITUDES.get(key) ?? key];
}
