import { cardinalWords, decimalWords, ordinalWords } from '../numbers.js';
import { rule, type Rule } from './rule.js';

// letters stand alone, or are two without a vowel: mc, but no words
const NAME = '(?:[b-df-hj-np-tv-z]{2}|[A-Za-z])';
const TERM = String.raw`(?:[-√]?(?:\d+(?:,\d{3})*(?:\.\d+)?${NAME}?|${NAME}[23]?)(?:\^-?\w+)?!?|√\(?\w+\)?)`;
const OPERATOR = String.raw`(?:<=|>=|!=|==|[-+*×÷=<>/])`;
const OPERATOR_WORDS: Readonly<Record<string, string>> = {
  '+': 'plus',
  '-': 'minus',
  '*': 'times',
  '×': 'times',
  '÷': 'divided by',
  '/': 'over',
  '=': 'equals',
  '==': 'equals',
  '!=': 'is not equal to',
  '<': 'is less than',
  '>': 'is greater than',
  '<=': 'is at most',
  '>=': 'is at least',
};

/** Formulas, powers and functions. */
export const FORMULA_RULES: readonly Rule[] = [
  rule(`${TERM}(?:(?:\\s${OPERATOR}\\s|${OPERATOR})${TERM})+`, readFormula),
  rule(String.raw`(${NAME}|\d+(?:\.\d+)?)\^(-?\w+)`, (match) => termWords(match[0])),
  rule(String.raw`([a-zA-Z])\(([a-z])\)`, (match) => [
    match[1]!.toUpperCase(),
    'of',
    match[2]!.toUpperCase(),
  ]),
];

/** Hyphens and slashes alone make no formula, since they make ranges, dates and names. */
function readFormula(match: RegExpExecArray): string[] | undefined {
  const text = match[0];
  const isSize = /^[\d.]+×[\d.]+$/.test(text);
  if (isSize || (!/[+*×÷=<>^]/.test(text) && !/^[a-z]\/[a-z]$/.test(text))) {
    return undefined;
  }
  const parts = text.match(new RegExp(`${TERM}|\\s?${OPERATOR}\\s?`, 'g'))!;
  const isEquation = text.includes('=');
  return parts.flatMap((part) => {
    const operator = OPERATOR_WORDS[part.trim()];
    if (operator !== undefined) {
      return operator.split(' ');
    }
    // E=mc2
    return termWords(isEquation ? part.replace(/(?<=[a-z])([23])$/, '^$1') : part);
  });
}

function termWords(term: string): string[] {
  const match = /^([-√]?)\(?(\d[\d,]*(?:\.\d+)?)?([A-Za-z]*)(\d*)\)?(?:\^(-?)(\w+))?(!?)$/.exec(
    term,
  );
  if (match === null) {
    return Array.from(term.replace(/\W/g, '').toUpperCase()).filter((letter) =>
      /[A-Z]/.test(letter),
    );
  }
  const [, sign, number, letters = '', index = '', minus, exponent, factorial] = match;
  return [
    ...(sign === '-' ? ['minus'] : sign === '√' ? ['square', 'root', 'of'] : []),
    ...(number === undefined ? [] : decimalWords(number)),
    ...Array.from(letters.toUpperCase()),
    ...(index === '' ? [] : cardinalWords(index)),
    ...(exponent === undefined ? [] : powerWords(minus === '-', exponent)),
    ...(factorial === '!' ? ['factorial'] : []),
  ];
}

function powerWords(isNegative: boolean, exponent: string): string[] {
  if (!isNegative && exponent === '2') {
    return ['squared'];
  }
  if (!isNegative && exponent === '3') {
    return ['cubed'];
  }
  const words = /^\d+$/.test(exponent)
    ? ordinalWords(exponent)
    : Array.from(exponent.toUpperCase());
  return ['to', 'the', ...(isNegative ? ['minus'] : []), ...words];
}
