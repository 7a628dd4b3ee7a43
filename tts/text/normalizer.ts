import {
  cardinalWords,
  decimalWords,
  digitWords,
  fractionWords,
  isOne,
  ordinalWords,
  romanValue,
  yearWords,
} from './numbers.js';
import { ABBREVIATIONS, CURRENCIES, MAGNITUDES, MONTHS, SIGN_WORDS, UNITS } from './tables.js';

/** Words to be spoken for a run of written tokens. */
export type Reading = {
  /** Lower-case words of letters and apostrophes; single letters in capitals are to be spelled. */
  words: string[];
  /** How many written tokens they stand for, at least 1. */
  numTokens: number;
};

const NUMBER = String.raw`(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+`;
const PLAIN_NUMBER = new RegExp(`^([-+]?)(${NUMBER})$`);
const PERCENT = new RegExp(`^([-+]?)(${NUMBER})%$`);
const MONEY = new RegExp(`^(-?)([$€£¥])(${NUMBER})([a-z]*)$`, 'i');
const MONEY_AFTER = new RegExp(`^(-?)(${NUMBER})([€£¥¢])$`);
const MEASURE = new RegExp(`^([-+]?)(${NUMBER})([a-z][a-z/]*)$`, 'i');
const ORDINAL = /^(\d{1,3}(?:,\d{3})+|\d+)(st|nd|rd|th)$/i;
const TIME = /^(\d{1,2}):([0-5]\d)(?::([0-5]\d))?(am|pm|a\.m\.?|p\.m\.?)?$/i;
const HOUR = /^(1[0-2]|0?[1-9])(am|pm)$/i;
const ISO_DATE = /^(\d{4})-(\d{1,2})-(\d{1,2})$/;
const SLASH_DATE = /^(\d{1,2})\/(\d{1,2})\/(\d{4}|\d{2})$/;
const FRACTION = /^(-?)(\d+)\/(\d+)$/;
const RANGE = /^(\d+)-(\d+)$/;
const DECADE = /^'?(\d{2}|\d{4})'?s$/;
/** Seven digits as North Americans write them; no range has such sides. */
const LOCAL_NUMBER = /^\d{3}-\d{4}$/;
const PHONE_NUMBER = /^\+?\(?\d{3,4}\)?(?:[-.]\d{3,4}){1,3}$/;
const ADDRESS =
  /^(?:https?:\/\/|www\.)\S+$|^[\w.+-]+@[\w-]+(?:\.[\w-]+)+$|^(?:[a-z0-9-]+\.)+(?:com|org|net|edu|gov|io|dev|ai|uk|de|fr|eu|info|co)(?:\/\S*)?$/i;
const WORD = /^[a-z]+(?:'[a-z]+)*'?$/i;
const INITIALS = /^(?:[A-Za-z]\.)+[A-Za-z]?$/;
const NAMES_BEFORE_ROMAN =
  /^(?:chapter|part|act|scene|volume|book|section|war|king|queen|pope|louis|henry|charles|george|edward|james|elizabeth|richard|john|paul|pius|philip|william|napoleon|phase|type|class|article)$/i;
const SPOKEN_WHOLE = /^(?:NASA|NATO|UNESCO|UNICEF|OPEC|AIDS|LASER|RADAR|SCUBA|OK)$/;
const MAX_WORD_LENGTH = 40;

/**
 * Reads a written token aloud: numbers, money, dates, times, units, addresses, abbreviations.
 *
 * @param tokens - The tokens of a sentence, with no punctuation at their ends; a period that belongs
 * to an abbreviation may be missing.
 * @param index - The token to read.
 * @returns The words, and how many tokens they stand for.
 */
export function readToken(tokens: readonly string[], index: number): Reading {
  const token = tokens[index]!;
  const several = readSeveral(tokens, index);
  return (
    several ?? {
      words: readSingle(token, tokens[index - 1] ?? '', tokens[index + 1] ?? ''),
      numTokens: 1,
    }
  );
}

function readSeveral(tokens: readonly string[], index: number): Reading | undefined {
  const token = tokens[index]!;
  const next = (tokens[index + 1] ?? '').toLowerCase();
  const money = MONEY.exec(token);
  if (money !== null && money[4] === '' && next.length > 2 && Object.hasOwn(MAGNITUDES, next)) {
    return {
      words: [
        ...minus(money[1]!),
        ...decimalWords(money[3]!),
        MAGNITUDES[next]!,
        CURRENCIES[money[2]!]![1],
      ],
      numTokens: 2,
    };
  }
  const number = PLAIN_NUMBER.exec(token);
  const unit = UNITS[next];
  // 'in' and 'a.m.'-like words after a number are words more often than units
  if (
    number !== null &&
    unit !== undefined &&
    Object.hasOwn(UNITS, next) &&
    next !== 'in' &&
    next !== 's'
  ) {
    return {
      words: [...minus(number[1]!), ...decimalWords(number[2]!), ...plural(unit, number[2]!)],
      numTokens: 2,
    };
  }
  const month = monthOf(token);
  if (month !== undefined && /^([12]?\d|3[01])(st|nd|rd|th)?$/.test(next)) {
    return { words: [month, ...ordinalWords(next.replace(/\D/g, ''))], numTokens: 2 };
  }
  if (
    /^([12]?\d|3[01])(st|nd|rd|th)?$/i.test(token) &&
    monthOf(tokens[index + 1] ?? '') !== undefined
  ) {
    return {
      words: ['the', ...ordinalWords(token.replace(/\D/g, '')), 'of', monthOf(tokens[index + 1]!)!],
      numTokens: 2,
    };
  }
  if (/^no$/i.test(token) && /^\d+$/.test(next) && token !== 'no') {
    return { words: ['number', ...cardinalWords(next)], numTokens: 2 };
  }
  return undefined;
}

function readSingle(token: string, previous: string, next: string): string[] {
  if (WORD.test(token) && !isCapitals(token)) {
    const known = ABBREVIATIONS[token.toLowerCase()];
    return known !== undefined &&
      Object.hasOwn(ABBREVIATIONS, token.toLowerCase()) &&
      isAbbreviated(token, next)
      ? known.split(' ').map(spellSingle)
      : [token.toLowerCase()];
  }
  return readNumber(token, previous) ?? readWordLike(token, previous);
}

function readNumber(token: string, previous: string): string[] | undefined {
  let match: RegExpExecArray | null;
  if ((match = PLAIN_NUMBER.exec(token)) !== null) {
    const isYear = match[1] === '' && /^(1[1-9]|20)\d\d$/.test(token);
    if (isYear) {
      return yearWords(token);
    }
    if (/^0\d+$/.test(token)) {
      return digitWords(token);
    }
    return [...signWords(match[1]!), ...decimalWords(match[2]!)];
  }
  if ((match = PERCENT.exec(token)) !== null) {
    return [...signWords(match[1]!), ...decimalWords(match[2]!), 'percent'];
  }
  if ((match = MONEY.exec(token)) !== null) {
    return moneyWords(match[1]!, match[2]!, match[3]!, match[4]!.toLowerCase());
  }
  if ((match = MONEY_AFTER.exec(token)) !== null) {
    return match[3] === '¢'
      ? [...minus(match[1]!), ...decimalWords(match[2]!), isOne(match[2]!) ? 'cent' : 'cents']
      : moneyWords(match[1]!, match[3]!, match[2]!, '');
  }
  if ((match = ORDINAL.exec(token)) !== null) {
    return ordinalWords(match[1]!.replaceAll(',', ''));
  }
  return readClock(token) ?? readDate(token, previous) ?? readMeasure(token);
}

function readClock(token: string): string[] | undefined {
  const time = TIME.exec(token);
  if (time !== null) {
    const [, hours, minutes, seconds, half] = time;
    const after =
      minutes === '00' ? (half === undefined ? ["o'clock"] : []) : minuteWords(minutes!);
    const tail = seconds === undefined ? [] : ['and', ...cardinalWords(seconds), 'seconds'];
    const suffix = half === undefined ? [] : [half[0]!.toUpperCase(), 'M'];
    return [
      ...cardinalWords(hours!),
      ...(Number(hours) > 12 && minutes === '00' ? ['hundred'] : after),
      ...tail,
      ...suffix,
    ];
  }
  const hour = HOUR.exec(token);
  return hour === null ? undefined : [...cardinalWords(hour[1]!), hour[2]![0]!.toUpperCase(), 'M'];
}

function readDate(token: string, previous: string): string[] | undefined {
  let match = ISO_DATE.exec(token);
  if (match !== null && MONTHS[Number(match[2]) - 1] !== undefined) {
    return [MONTHS[Number(match[2]) - 1]!, ...ordinalWords(match[3]!), ...yearWords(match[1]!)];
  }
  match = SLASH_DATE.exec(token);
  if (match !== null && MONTHS[Number(match[1]) - 1] !== undefined) {
    return [MONTHS[Number(match[1]) - 1]!, ...ordinalWords(match[2]!), ...yearWords(match[3]!)];
  }
  match = DECADE.exec(token);
  if (match !== null) {
    const words = match[1]!.length === 4 ? yearWords(match[1]!) : cardinalWords(match[1]!);
    const last = words.pop()!;
    return [...words, last.endsWith('y') ? `${last.slice(0, -1)}ies` : `${last}s`];
  }
  match = FRACTION.exec(token);
  if (match !== null) {
    const words = fractionWords(match[2]!, match[3]!);
    return [...minus(match[1]!), ...(/^\d+$/.test(previous) ? ['and'] : []), ...words];
  }
  if (LOCAL_NUMBER.test(token)) {
    return digitWords(token.replace('-', ''));
  }
  match = RANGE.exec(token);
  if (match !== null) {
    return [...readNumber(match[1]!, '')!, 'to', ...readNumber(match[2]!, '')!];
  }
  return PHONE_NUMBER.test(token) ? digitWords(token.replace(/\D/g, '')) : undefined;
}

function readMeasure(token: string): string[] | undefined {
  const match = MEASURE.exec(token);
  if (match === null) {
    return undefined;
  }
  const [, sign, amount, letters] = match;
  const unit = letters!.toLowerCase();
  if (Object.hasOwn(UNITS, unit)) {
    return [...signWords(sign!), ...decimalWords(amount!), ...plural(UNITS[unit]!, amount!)];
  }
  if (Object.hasOwn(MAGNITUDES, unit)) {
    return [...signWords(sign!), ...decimalWords(amount!), MAGNITUDES[unit]!];
  }
  return undefined;
}

/** Everything else: addresses, capitals, initials, words joined by signs. */
function readWordLike(token: string, previous: string): string[] {
  const lower = token.toLowerCase();
  if (ADDRESS.test(token)) {
    return token
      .replace(/^https?:\/\//i, '')
      .split(/(?<=\W)|(?=\W)|(?<=_)|(?=_)|(?<=\D)(?=\d)|(?<=\d)(?=\D)/)
      .flatMap(readPiece);
  }
  if (Object.hasOwn(ABBREVIATIONS, lower.replace(/\.$/, ''))) {
    return ABBREVIATIONS[lower.replace(/\.$/, '')]!.split(' ').map(spellSingle);
  }
  if (INITIALS.test(token)) {
    return Array.from(token.replaceAll('.', '').toUpperCase());
  }
  const roman = romanValue(token);
  if (roman !== undefined && token !== 'I' && NAMES_BEFORE_ROMAN.test(previous)) {
    const isRuler =
      !/^(?:chapter|part|act|scene|volume|book|section|war|phase|type|class|article)$/i.test(
        previous,
      );
    return isRuler ? ['the', ...ordinalWords(String(roman))] : cardinalWords(String(roman));
  }
  if (WORD.test(token)) {
    return readCapitals(token);
  }
  return token
    .split(/(?<=[^\w'])|(?=[^\w'])|(?<=_)|(?=_)|(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])/i)
    .flatMap(readPiece);
}

/** A piece of a token that has been cut at its signs. */
function readPiece(piece: string): string[] {
  if (/^\d+$/.test(piece)) {
    return piece.length > 4 || /^0\d/.test(piece) ? digitWords(piece) : cardinalWords(piece);
  }
  if (WORD.test(piece)) {
    return isCapitals(piece) ? readCapitals(piece) : cutLong(piece.toLowerCase());
  }
  // hyphens and brackets inside words only keep them apart
  if (piece === '-' || !Object.hasOwn(SIGN_WORDS, piece)) {
    const letters = piece.replace(/[^a-z']/gi, '').toLowerCase();
    return letters.replaceAll("'", '') === '' ? [] : cutLong(letters);
  }
  return SIGN_WORDS[piece]!.split(' ');
}

/** Capitals are spelled when they are short and no word: FBI, but NASA and HELLO. */
function readCapitals(token: string): string[] {
  const [stem = '', suffix] = token.split("'");
  if (
    stem.length === 1 ||
    stem.length > 4 ||
    SPOKEN_WHOLE.test(stem) ||
    /[AEIOU].*[AEIOUY]|^[A-Z][AEIOU][A-Z]{2}$/.test(stem)
  ) {
    return cutLong(token.toLowerCase()).map((word) =>
      stem.length === 1 && stem !== 'A' && stem !== 'I' ? word.toUpperCase() : word,
    );
  }
  const letters = Array.from(stem);
  if (suffix?.toLowerCase() === 's') {
    letters.push(`${letters.pop()!}'s`);
  }
  return letters;
}

function isCapitals(token: string): boolean {
  return token.length > 1 && /^[A-Z]{2,}(?:'[A-Za-z]+)?$/.test(token);
}

/** `co` and `fig` are words too; they count as short forms only where one would write them so. */
function isAbbreviated(token: string, next: string): boolean {
  const lower = token.toLowerCase();
  if (
    [
      'mr',
      'mrs',
      'ms',
      'dr',
      'prof',
      'vs',
      'etc',
      'sgt',
      'capt',
      'lt',
      'jr',
      'sr',
      'dept',
      'approx',
      'blvd',
    ].includes(lower)
  ) {
    return true;
  }
  return lower === 'st' && /^[A-Z]/.test(next);
}

function monthOf(token: string): string | undefined {
  const lower = token.toLowerCase();
  const long = ABBREVIATIONS[lower.replace(/\.$/, '')] ?? lower;
  return /^[A-Z]/.test(token) && MONTHS.includes(long) ? long : undefined;
}

function moneyWords(sign: string, symbol: string, amount: string, suffix: string): string[] {
  const [unit, units, hundredth, hundredths] = CURRENCIES[symbol]!;
  if (suffix !== '') {
    const magnitude = Object.hasOwn(MAGNITUDES, suffix)
      ? [MAGNITUDES[suffix]!]
      : Array.from(suffix.toUpperCase());
    return [...minus(sign), ...decimalWords(amount), ...magnitude, units];
  }
  const [whole = '0', fraction = ''] = amount.replaceAll(',', '').split('.');
  if (fraction.length !== 2) {
    return [...minus(sign), ...decimalWords(amount), isOne(amount) ? unit : units];
  }
  const hundreds = Number(fraction);
  const small =
    hundreds === 0 ? [] : [...cardinalWords(fraction), hundreds === 1 ? hundredth : hundredths];
  if (Number(whole) === 0 && hundreds > 0) {
    return [...minus(sign), ...small];
  }
  const large = [
    ...minus(sign),
    ...cardinalWords(whole === '' ? '0' : whole),
    isOne(whole) ? unit : units,
  ];
  return small.length === 0 ? large : [...large, 'and', ...small];
}

function minuteWords(minutes: string): string[] {
  return minutes.startsWith('0') ? ['oh', ...cardinalWords(minutes)] : cardinalWords(minutes);
}

function plural(unit: readonly [string, string], amount: string): string[] {
  return (isOne(amount) ? unit[0] : unit[1]).split(' ');
}

function minus(sign: string): string[] {
  return sign === '-' ? ['minus'] : [];
}

function signWords(sign: string): string[] {
  return sign === '+' ? ['plus'] : minus(sign);
}

function spellSingle(word: string): string {
  return word.length === 1 && word !== 'a' ? word.toUpperCase() : word;
}

function cutLong(word: string): string[] {
  return word.match(new RegExp(`.{1,${MAX_WORD_LENGTH}}`, 'g')) ?? [];
}
