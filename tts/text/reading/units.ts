import {
  cardinalWords,
  decimalWords,
  fractionWords,
  isOne,
  mixedWords,
  pairWords,
  signWords,
} from '../numbers.js';
import { ABBREVIATIONS, isContext, MAGNITUDES, UNITS, type Unit } from '../tables.js';
import { following, isAttributive, NUMBER, rule, type Place, type Rule } from './rule.js';

const LETTERS = '[A-Za-zµ]{1,4}';
const POWERS: Readonly<Record<string, string>> = { '2': 'square', '3': 'cubic' };

/** Measures: amounts with units, sizes, and letters right after a number. */
export const UNIT_RULES: readonly Rule[] = [
  rule(String.raw`(\d+)'\s?(\d{1,2}(?:\.\d+)?)(?:"|'')`, ({ 1: feet, 2: inches }) => [
    ...cardinalWords(feet!),
    'foot',
    ...decimalWords(inches!),
  ]),
  rule(String.raw`(\d{1,3})'(?!\w)`, (match, place) =>
    count(place, "'") % 2 === 0
      ? [...cardinalWords(match[1]!), ...lengthWords('ft', match, place, match[1]!)]
      : undefined,
  ),
  rule(`(\\d+) (\\d+)/(\\d+)"|(${NUMBER})"|(\\d+)/(\\d+)"`, readInches),
  rule(
    String.raw`(\d+)\s?(?:ft|feet|foot)\.?,?\s(\d+)\s?in(?:ch(?:es)?)?\.?(?! the\b)`,
    (match) => [
      ...cardinalWords(match[1]!),
      ...(isOne(match[1]!) ? ['foot'] : ['feet']),
      ...cardinalWords(match[2]!),
      ...(isOne(match[2]!) ? ['inch'] : ['inches']),
    ],
  ),
  rule(
    String.raw`(\d*\.\d+)\sin\.?(?! (?:the|a|an|this|that|my|his|her|our|their|all|each|every|[A-Z\d]))`,
    (match) => [...decimalWords(match[1]!), 'inches'],
  ),
  rule(String.raw`(\d+)h\s?(\d+)m(?:in)?`, (match) => [
    ...cardinalWords(match[1]!),
    isOne(match[1]!) ? 'hour' : 'hours',
    ...cardinalWords(match[2]!),
    isOne(match[2]!) ? 'minute' : 'minutes',
  ]),
  rule(`([-+]?)(${NUMBER})(?:-(${NUMBER}))?\\s?°\\s?([CFK]?)`, readDegrees),
  rule(`(${NUMBER})\\s?[x×]\\s?(${NUMBER})(?:\\s?[x×]\\s?(${NUMBER}))?`, (match) =>
    match
      .slice(1)
      .filter(Boolean)
      .flatMap((size, index) => [
        ...(index === 0 ? [] : ['by']),
        ...(/^\d{4}$/.test(match[1]!) && /^\d{3,4}$/.test(size)
          ? pairWords(size)
          : decimalWords(size)),
      ]),
  ),
  rule(`(${NUMBER})[x×]`, (match) => [...decimalWords(match[1]!), 'times']),
  rule(String.raw`(\d+)([DGPpK])`, readLetter),
  rule(`(${NUMBER})(?:-(${NUMBER}))?([kK]|[mMbBtT]n?)(\\+?)`, readMagnitude),
  rule(`()(${NUMBER})(?:-(${NUMBER}))?\\s(?:sq|square)\\.? (ft|mi|m|km|yd|in)\\.?`, readSquare),
  rule(
    `([-+]?)(${NUMBER})(?:\\s?-\\s?(${NUMBER}))?(\\s?)(${LETTERS})(?:\\^?([23]))?(?:/(${LETTERS})(?:\\^?([23]))?)?\\.?`,
    readUnit,
  ),
  rule(`(?:(\\d+)[ -])?(\\d+)/(\\d+)\\s(${LETTERS})`, readFractionOf),
  // a 5-km run; a letter alone may be a part of a name
  rule(`(${NUMBER})-([A-Za-zµ]{2,4}|[gmLVW](?= [a-z]{2}))`, (match) => {
    const unit = unitOf(match[2]!, true);
    return unit && [...decimalWords(match[1]!), ...unit.one];
  }),
];

function readUnit(match: RegExpExecArray, place: Place): string[] | undefined {
  const [, sign = '', amount = '', to, space, letters = '', power, per, perPower] = match;
  // 5 s, 5 A and 5 h are seldom measures
  const unit = unitOf(letters, space !== '');
  const below = per === undefined ? undefined : unitOf(per, false);
  const isName = space === '' && /^[A-Za-z]$/.test(letters) && isLabel(place);
  if (unit === undefined || isName || (per !== undefined && below === undefined)) {
    return undefined;
  }
  // a period may end the sentence
  const last = to ?? amount;
  const isSingle =
    isOne(last) ||
    isAttributive(place, match) ||
    isContext('measured', nextWord(place, match)) ||
    (letters === 'm' && isContext('racing', nextWord(place, match)));
  return [
    ...signWords(sign),
    ...decimalWords(amount),
    ...(to === undefined ? [] : ['to', ...decimalWords(to)]),
    ...(power === undefined ? [] : [POWERS[power]!]),
    ...(isSingle ? unit.one : unit.many),
    ...(below === undefined
      ? []
      : ['per', ...(perPower === undefined ? [] : [POWERS[perPower]!]), ...below.one]),
  ];
}

function readFractionOf(match: RegExpExecArray): string[] | undefined {
  const [, whole, top = '', bottom = '', letters = ''] = match;
  const unit = unitOf(letters, true);
  if (unit === undefined) {
    return undefined;
  }
  return whole === undefined
    ? [...fractionWords(top, bottom), ...(Number(top) < Number(bottom) ? unit.one : unit.many)]
    : [...mixedWords(whole, top, bottom), ...unit.many];
}

function unitOf(letters: string, isApart: boolean): Unit | undefined {
  if (isApart && /^[sAhaM]$|^(?:mo|pa|in|Ms|Mo|Pa|Ma|ma|A|am|AM|PM|pm)$/.test(letters)) {
    return undefined;
  }
  // capitals that are letters of a name rather than units
  return (
    UNITS.get(letters) ??
    (/^[A-Z]$/.test(letters) && !/[CFVWL]/.test(letters)
      ? undefined
      : UNITS.get(letters.toLowerCase()))
  );
}

function readSquare(match: RegExpExecArray): string[] {
  const [, , amount = '', to, name = ''] = match;
  const unit = name === 'in' ? { one: ['inch'], many: ['inches'] } : UNITS.get(name)!;
  return [
    ...decimalWords(amount),
    ...(to === undefined ? [] : ['to', ...decimalWords(to)]),
    'square',
    ...(isOne(to ?? amount) ? unit.one : unit.many),
  ];
}

function readDegrees(match: RegExpExecArray, place: Place): string[] {
  const [, sign = '', amount = '', to, scale = ''] = match;
  const names: Readonly<Record<string, string>> = { C: 'celsius', F: 'fahrenheit', K: 'kelvin' };
  const isSingle = isOne(to ?? amount) || isAttributive(place, match);
  return [
    ...signWords(sign),
    ...decimalWords(amount),
    ...(to === undefined ? [] : ['to', ...decimalWords(to)]),
    isSingle ? 'degree' : 'degrees',
    ...(scale === '' ? [] : [names[scale]!]),
  ];
}

/** Inches, unless the sign closes a quotation. */
function readInches(match: RegExpExecArray, place: Place): string[] | undefined {
  if (count(place, '"') % 2 === 1) {
    return undefined;
  }
  const [, whole, top, bottom, plain, onlyTop, onlyBottom] = match;
  if (plain !== undefined) {
    return [...decimalWords(plain), ...lengthWords('in', match, place, plain)];
  }
  return whole === undefined
    ? [...fractionWords(onlyTop!, onlyBottom!), 'inch']
    : [...mixedWords(whole, top!, bottom!), 'inches'];
}

function lengthWords(
  unit: 'ft' | 'in',
  match: RegExpExecArray,
  place: Place,
  amount: string,
): string[] {
  const isSingle = isOne(amount) || isAttributive(place, match);
  return unit === 'ft' ? [isSingle ? 'foot' : 'feet'] : [isSingle ? 'inch' : 'inches'];
}

/** 3D, 5G, 4K, 1080p: the letter is said. */
function readLetter(match: RegExpExecArray): string[] | undefined {
  const [, digits = '', letter = ''] = match;
  if (letter === 'K' ? !/^[248]$/.test(digits) : /[Pp]/.test(letter) && !/^\d{3,4}$/.test(digits)) {
    return undefined;
  }
  return [
    ...(/^\d{3,4}$/.test(digits) ? pairWords(digits) : cardinalWords(digits)),
    letter.toUpperCase(),
  ];
}

/** Whether the number is the name of a thing: Apt. 4B, Fig. 3b, my seat is 40B. */
function isLabel({ previous, sentence, start }: Place): boolean {
  const named = /(\w+) (?:is|was) $/.exec(sentence.slice(Math.max(0, start - 30), start))?.[1];
  return (
    isContext('label', named ?? previous) ||
    isContext('pairs', previous) ||
    isContext('numeral', previous) ||
    ABBREVIATIONS.get(previous.toLowerCase())?.when === 'number'
  );
}

/** 5k, 10M views; a small `m` is a million only before things that are counted. */
function readMagnitude(match: RegExpExecArray, place: Place): string[] | undefined {
  const [, amount = '', to, letters = '', plus] = match;
  const next = nextWord(place, match);
  const isCounted =
    /^people$|[a-z]{3,}s$/.test(next) &&
    !/^(?:across|was|has|its|this|plus|towards|races)$/.test(next);
  // Apt. 4B and "use 7B" are no billions
  const isName = letters === 'B' && /^\d\d?$/.test(amount) && !isCounted && !isSumAfter(place);
  if ((/^[mt]$/.test(letters) && !isCounted) || isName || isLabel(place)) {
    return undefined;
  }
  return [
    ...decimalWords(amount),
    ...(to === undefined ? [] : ['to', ...decimalWords(to)]),
    MAGNITUDES.get(letters.toLowerCase())!,
    ...(plus === '+' ? ['plus'] : []),
  ];
}

/** Whether an amount stands after the word: of 26B, a 7B model, Llama 7B. */
function isSumAfter({ previous, sentence, start }: Place): boolean {
  const isFirst = sentence.slice(0, start).trim() === previous;
  return isContext('sum', previous) || (/^[A-Z]/.test(previous) && !isFirst);
}

function nextWord(place: Place, match: RegExpExecArray): string {
  return /^ ([a-z]*)/.exec(following(place, match))?.[1] ?? '';
}

function count(place: Place, sign: string): number {
  return place.sentence.slice(0, place.start).split(sign).length - 1;
}
