import { cleanText } from '../text/clean.js';
import {
  cardinalWords,
  decimalWords,
  digitWords,
  fractionWords,
  mixedWords,
  ordinalWords,
  romanValue,
  yearWords,
} from '../text/numbers.js';
import { readTable } from '../text/read-table.js';
import { LETTER_NAMES } from '../text/word-tables.js';

/** Reads a text in one way; undefined if it is not of that kind, and is read as plain text then. */
type Reader = (text: string, format: string) => string | undefined;

const READERS: Readonly<Record<string, Reader>> = {
  characters: spell,
  'spell-out': spell,
  verbatim: spell,
  cardinal: readCardinal,
  ordinal: readOrdinal,
  digits: (text) => (/\d/.test(text) ? digitWords(text.replace(/\D/g, '')).join(' ') : undefined),
  number: readNumber,
  date: readDate,
  time: readTime,
  telephone: readTelephone,
  fraction: readFraction,
  currency: readCurrency,
  // the front end reads units as they stand
  unit: () => undefined,
};

const CURRENCY_SIGNS: Readonly<Record<string, string>> = { USD: '$', EUR: '€', GBP: '£', JPY: '¥' };
/** Widths of the parts of a date without separators, such as 20251231. */
const DATE_WIDTHS: Readonly<Record<string, number>> = { y: 4, m: 2, d: 2 };

let signNames: ReadonlyMap<string, string> | undefined;

/** @param kind - What `interpret-as` says. @returns Whether it is one of those that are known. */
export function isSayAsKind(kind: string): boolean {
  return Object.hasOwn(READERS, kind);
}

/**
 * Reads a text as SSML's `say-as` wants it.
 *
 * @param text - The element's content.
 * @param kind - What `interpret-as` says; one that {@link isSayAsKind} knows.
 * @param format - The attribute `format`, such as `mdy`; empty if there is none.
 * @returns Text for the front end: words, `[[phones]]` for letters, or the given text if it is not of
 * that kind.
 */
export function sayAs(text: string, kind: string, format: string): string {
  const trimmed = text.trim().replace(/\s+/g, ' ');
  return READERS[kind]?.(trimmed, format.toLowerCase()) ?? trimmed;
}

function spell(text: string): string | undefined {
  const words = Array.from(text).flatMap(characterWords);
  return words.length === 0 ? undefined : words.join(' ');
}

/** The name of a character; letters as phones, since a lone "a" is an article. */
function characterWords(character: string): string[] {
  const letter = LETTER_NAMES[character.toLowerCase()];
  if (letter !== undefined && Object.hasOwn(LETTER_NAMES, character.toLowerCase())) {
    return [`[[${letter.toUpperCase()}]]`];
  }
  if (/^\d$/.test(character)) {
    return digitWords(character);
  }
  signNames ??= new Map(readTable('character-names').map(([name = '', sign = '']) => [sign, name]));
  const name = signNames.get(character);
  if (name !== undefined) {
    return [name];
  }
  // other scripts by what the front end makes of them; that is ASCII, so this ends
  const { text } = cleanText(character);
  return character.charCodeAt(0) < 0x80 ? [] : Array.from(text.trim()).flatMap(characterWords);
}

function readCardinal(text: string): string | undefined {
  const roman = romanValue(text.toUpperCase());
  if (roman !== undefined) {
    return cardinalWords(String(roman)).join(' ');
  }
  const match = /^([-+−]?)(\d[\d,]*(?:\.\d+)?)$/.exec(text);
  if (match === null) {
    return undefined;
  }
  const sign = match[1] === '' ? [] : [match[1] === '+' ? 'plus' : 'minus'];
  return [...sign, ...decimalWords(match[2]!)].join(' ');
}

function readOrdinal(text: string): string | undefined {
  const roman = romanValue(text.toUpperCase());
  const digits = roman === undefined ? /^(\d[\d,]*)(?:st|nd|rd|th)?$/i.exec(text)?.[1] : `${roman}`;
  return digits === undefined ? undefined : ordinalWords(digits.replaceAll(',', '')).join(' ');
}

function readNumber(text: string, format: string): string | undefined {
  const reader = format === 'number' ? undefined : READERS[format];
  return Object.hasOwn(READERS, format) && reader !== undefined
    ? reader(text, '')
    : (readCardinal(text) ?? readFraction(text));
}

function readDate(text: string, format: string): string | undefined {
  const order = format !== '' ? format : /^\d{4}-\d\d?-\d\d?$/.test(text) ? 'ymd' : '';
  if (!/^(?!.*(.).*\1)[ymd]{1,3}$/.test(order)) {
    return undefined;
  }
  const parts = splitDate(text, order);
  if (parts.length !== order.length) {
    return undefined;
  }
  const of = (part: string): string | undefined => parts[order.indexOf(part)];
  const [year, month, day] = [of('y'), of('m'), of('d')];
  const name = month === undefined ? undefined : monthName(month);
  const dayValue = Number(day?.replace(/(?:st|nd|rd|th)$/i, '') ?? 1);
  const isDay = Number.isInteger(dayValue) && dayValue >= 1 && dayValue <= 31;
  if ((month !== undefined && name === undefined) || !isDay || !/^\d{1,4}$/.test(year ?? '1')) {
    return undefined;
  }
  const dayWords = day === undefined ? [] : ordinalWords(String(dayValue));
  const dayFirst = order.includes('d') && order.indexOf('d') < order.indexOf('m');
  const date =
    dayFirst && order !== 'ydm'
      ? ['the', ...dayWords, 'of', name!]
      : [...(name === undefined ? [] : [name]), ...dayWords];
  return [...date, ...(year === undefined ? [] : yearWords(year))].join(' ');
}

function splitDate(text: string, order: string): string[] {
  const width = Array.from(order).reduce((sum, part) => sum + DATE_WIDTHS[part]!, 0);
  if (!/^\d+$/.test(text) || text.length !== width || order.length === 1) {
    return text.split(/[^A-Za-z0-9]+/).filter((part) => part !== '');
  }
  let start = 0;
  return Array.from(order).map((part) => text.slice(start, (start += DATE_WIDTHS[part]!)));
}

function monthName(month: string): string | undefined {
  const names = Array.from({ length: 12 }, (_, index) =>
    new Intl.DateTimeFormat('en', { month: 'long', timeZone: 'UTC' })
      .format(Date.UTC(2000, index, 1))
      .toLowerCase(),
  );
  const isName = /^[a-z]{3,}$/i.test(month);
  return isName
    ? names.find((name) => name.startsWith(month.toLowerCase()))
    : names[Number(month) - 1];
}

/** A time of day for the front end, or a length of time such as 1'21". */
function readTime(text: string): string | undefined {
  const length = /^(?:(\d+)['′])?\s*(?:(\d+)["″])?$/.exec(text);
  if (length !== null && text !== '') {
    const [, minutes, seconds] = length;
    return [
      ...(minutes === undefined ? [] : [countOf(minutes, 'minute')]),
      ...(seconds === undefined ? [] : [countOf(seconds, 'second')]),
    ].join(' ');
  }
  const clock = /^(\d{1,2})[:.h]?([0-5]\d)(?:[:.]([0-5]\d))?\s*([ap])?\.?(?:m\.?)?$/i.exec(text);
  if (clock === null) {
    return undefined;
  }
  const [, hours, minutes, seconds, half] = clock;
  const time = [hours, minutes, ...(seconds === undefined ? [] : [seconds])].join(':');
  return half === undefined ? time : `${time}${half.toLowerCase()}m`;
}

function countOf(digits: string, unit: string): string {
  return `${cardinalWords(digits).join(' ')} ${unit}${Number(digits) === 1 ? '' : 's'}`;
}

/** Digit by digit, with a comma's pause between the groups. */
function readTelephone(text: string): string | undefined {
  if (!/\d/.test(text)) {
    return undefined;
  }
  const groups = text.match(/\+?\d+|[a-z]+/gi) ?? [];
  return groups
    .map((group) => {
      if (/^(?:x|ext|extension)$/i.test(group)) {
        return 'extension';
      }
      const digits = digitWords(group.replace(/\D/g, ''));
      return /\d/.test(group)
        ? [...(group.startsWith('+') ? ['plus'] : []), ...digits].join(' ')
        : (spell(group) ?? '');
    })
    .join(', ')
    .replace(/extension, /g, 'extension ');
}

function readFraction(text: string): string | undefined {
  const match = /^(?:(\d+)\s*[+ ]\s*)?(\d+)\s*[/⁄]\s*(\d+)$/.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, whole, top = '', bottom = ''] = match;
  const words = whole === undefined ? fractionWords(top, bottom) : mixedWords(whole, top, bottom);
  return words.join(' ');
}

/** A currency's code becomes its sign, which the front end reads. */
function readCurrency(text: string): string | undefined {
  const match = /^(?:([A-Z]{3})\s*([\d.,]+)|([\d.,]+)\s*([A-Z]{3}))$/.exec(text.toUpperCase());
  const sign = CURRENCY_SIGNS[match?.[1] ?? match?.[4] ?? ''];
  return sign === undefined ? undefined : `${sign}${match?.[2] ?? match?.[3] ?? ''}`;
}
