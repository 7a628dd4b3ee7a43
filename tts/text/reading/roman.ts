import { cardinalWords, ordinalWords, romanValue } from '../numbers.js';
import { isContext } from '../tables.js';
import { following, rule, type Place, type Rule } from './rule.js';

/** Roman numerals after a ruler, a part of something or another name, and before a century. */
export const ROMAN_RULES: readonly Rule[] = [rule(String.raw`([IVXLC]+|[ivxl]+)('s)?`, readRoman)];

function readRoman(match: RegExpExecArray, place: Place): string[] | undefined {
  const [, numeral = '', ending = ''] = match;
  const value = romanValue(numeral.toUpperCase());
  const { previous } = place;
  if (value === undefined) {
    return undefined;
  }
  if (/^ centur(?:y|ies)\b/.test(following(place, match))) {
    return ordinalWords(String(value));
  }
  if (isContext('numeral', previous) && (numeral !== 'C' || /^chapter|part$/i.test(previous))) {
    return numeral === 'i' ? undefined : cardinalWords(String(value));
  }
  if (numeral !== numeral.toUpperCase() || !/^[A-Z][a-z]/.test(previous)) {
    return undefined;
  }
  if (isContext('ruler', previous) && (numeral !== 'I' || isTitled(place))) {
    const words = ordinalWords(String(value));
    words.push(words.pop()! + ending);
    return numeral === 'C' || numeral === 'L' ? undefined : ['the', ...words];
  }
  // Rocky IV: capitals that are no other short form
  return /^[IVX]{2,}$/.test(numeral) && numeral !== 'XX' ? cardinalWords(String(value)) : undefined;
}

function isTitled({ sentence, start }: Place): boolean {
  const before = /([A-Za-z]+) [A-Z][a-z]+ $/.exec(sentence.slice(Math.max(0, start - 40), start));
  return isContext('title', before?.[1] ?? '');
}
