import { isStreetHere } from './reading/addresses.js';
import { isBook } from './reading/verses.js';
import {
  ABBREVIATIONS,
  BIBLE_BOOKS,
  DAY_NAMES,
  DIRECTIONS,
  MONTH_NAMES,
  STARTERS,
  STREETS,
  UNITS,
  type Abbreviation,
} from './tables.js';

/** Longest sentence in characters; a longer one is cut at a clause or between words. */
const MAX_LENGTH = 250;
/** What must follow a possible end before it is judged. */
const MARGIN = 64;
/** As much of the next word is looked at. */
const MAX_NEXT = 24;
/** As much of the next line tells whether it is an item of a list: `12. `. */
const LIST_MARK_LENGTH = 5;
/** Lines of such lengths go on in the next one. */
const MIN_WRAPPED = 60;
const MAX_WRAPPED = 100;

/** What is judged: where the sentence begins, whether text may follow, and the column of the text. */
type Range = { start: number; isLast: boolean; column: number };

/**
 * Finds where the first sentence of a text ends. The answer depends only on the text up to a fixed
 * distance after the end, so a text that arrives in pieces is cut like a whole one.
 *
 * @param text - Clean text.
 * @param start - Where the sentence begins.
 * @param isLast - Whether nothing follows the text.
 * @param column - How many characters of its first line stand before the text.
 * @returns The index after the sentence; -1 if that cannot be told yet.
 */
export function findSentenceEnd(text: string, start: number, isLast: boolean, column = 0): number {
  const range = { start, isLast, column };
  const limit = Math.min(text.length, start + MAX_LENGTH);
  for (let index = start; index < limit; index++) {
    const end = endAt(text, index, range);
    if (end === undefined) {
      return -1;
    }
    if (end > 0) {
      return end;
    }
  }
  if (text.length - start > MAX_LENGTH + MARGIN || (isLast && text.length - start > MAX_LENGTH)) {
    return cutLongSentence(text, start);
  }
  return isLast && text.length > start ? text.length : -1;
}

/** The end of a sentence whose last sign is at `index`; 0 if it is none, undefined if unknown yet. */
function endAt(text: string, index: number, range: Range): number | undefined {
  const sign = text[index]!;
  if (sign === '\n') {
    return endAtLine(text, index, range);
  }
  if (sign !== '.' && sign !== '!' && sign !== '?') {
    return 0;
  }
  const tail = /^[.!?"')\]}]*/.exec(text.slice(index, index + MARGIN))![0];
  const after = index + tail.length;
  if (after >= text.length) {
    return range.isLast ? after : undefined;
  }
  const gap = /^\s+/.exec(text.slice(after, after + MARGIN))?.[0].length ?? 0;
  if (gap === 0) {
    return 0;
  }
  const next = /^[^\s,;:!?]*/.exec(text.slice(after + gap, after + gap + MAX_NEXT))![0];
  const isCut = after + gap + next.length >= text.length && !range.isLast && gap < MARGIN;
  if (isCut && next.length < MAX_NEXT && isWholeNextNeeded(text, range.start, index, next)) {
    return undefined;
  }
  if (sign === '.' && tail === '.') {
    return isPeriodAnEnd(text, range.start, index, next) ? after : 0;
  }
  // a lower-case word goes on after "Really?" he said, and 5! = 120 is a formula
  return /^[a-z]/.test(next) || /^[-=+*<>×÷]$/.test(next) ? 0 : after;
}

/** The first letter of the next word tells most; after a short form all of it counts. */
function isWholeNextNeeded(text: string, start: number, index: number, next: string): boolean {
  if (!/^["'([]*\w/.test(next)) {
    return true;
  }
  const word = /[^\s("'[]*$/.exec(text.slice(Math.max(start, index - MARGIN), index))![0];
  return /^(?:[A-Za-z]|.*\..*)$/.test(word) || isShortForm(word.toLowerCase());
}

function isShortForm(word: string): boolean {
  return ABBREVIATIONS.has(word) || BIBLE_BOOKS.has(word) || STREETS.has(word) || UNITS.has(word);
}

function endAtLine(text: string, index: number, range: Range): number | undefined {
  const rest = text.slice(index + 1, index + MARGIN);
  const isUnknown = rest.trimStart().length < LIST_MARK_LENGTH && index + MARGIN > text.length;
  // an empty line ends a paragraph
  if (/^[ \n]*?\n/.test(rest)) {
    return index + 1;
  }
  if (isUnknown && !range.isLast) {
    return undefined;
  }
  return lineEndAt(text, index, range.column) === 'sentence' ? index + 1 : 0;
}

/**
 * What the end of a line is: the end of a sentence (of a title, an item of a list), a pause, or nothing
 * where a text just wraps, as in letters with lines of 60 to 100 characters.
 *
 * @param text - Clean text.
 * @param index - Where its line break stands.
 * @param column - How many characters of the first line stand before the text.
 * @returns What it is.
 */
export function lineEndAt(
  text: string,
  index: number,
  column: number,
): 'sentence' | 'clause' | 'none' {
  const begin = text.lastIndexOf('\n', index - 1) + (index === 0 ? 0 : 1);
  const line = text.slice(Math.max(begin, index - MAX_WRAPPED - 1), index).trimEnd();
  const length = index - begin + (begin === 0 ? column : 0);
  const next = text.slice(index, index + MARGIN).trimStart();
  if (/^(?:[-*+·]|\d{1,3}[.)])\s/.test(next)) {
    return 'sentence';
  }
  if (length >= MIN_WRAPPED && length <= MAX_WRAPPED) {
    return 'none';
  }
  return /[,;:.-]$/.test(line) || !/^["'([]*[A-Z\d]/.test(next) ? 'clause' : 'sentence';
}

function isPeriodAnEnd(text: string, start: number, index: number, next: string): boolean {
  if (/^[a-z]/.test(next)) {
    return false;
  }
  const before = text.slice(Math.max(start, index - MARGIN), index);
  // 1. an item of a list
  if (/(?:^|\n)\s*\d{1,3}$/.test(before) && index - start < MARGIN) {
    return false;
  }
  const word = /[^\s("'[]*$/.exec(before)![0];
  const lower = word.toLowerCase();
  const isStarter = STARTERS.has(next.toLowerCase().replace(/\W+$/, '')) && !/^[A-Z]\./.test(next);
  if (/^[A-Z]$/.test(word)) {
    return word === 'I' ? !/^[A-Z]\./.test(next) : isStarter;
  }
  if (/^[ap]\.m$/.test(lower)) {
    return !isPartOfTime(next);
  }
  // 5 ft. 10 in.
  if (UNITS.has(lower) && /^\d/.test(next) && /\d\s?[A-Za-z]+$/.test(before)) {
    return false;
  }
  // Gen. 1:1
  if (isBook(word) && /^\.\s+\d{1,3}:/.test(text.slice(index, index + MARGIN))) {
    return false;
  }
  const entry = ABBREVIATIONS.get(lower);
  if (STREETS.has(lower) && /^[A-Z]/.test(word)) {
    return isStreetEnd(lower, before, next, isStarter);
  }
  if (entry === undefined) {
    return /^(?:[A-Za-z]{1,2}\.)+[A-Za-z]$/.test(word) ? isStarter : true;
  }
  return isEndAfter(entry, word, next, isStarter);
}

function isEndAfter(
  { when, ends }: Abbreviation,
  word: string,
  next: string,
  isStarter: boolean,
): boolean {
  if (when === 'number') {
    return !/^[#(]?\d/.test(next);
  }
  // words that are also short forms: the sun, a fig
  if ((when === 'capital' || when === 'name' || when === 'title') && !/^[A-Z]/.test(word)) {
    return true;
  }
  return ends === 'yes' ? !/^\d/.test(next) : ends === 'starter' && isStarter;
}

/** `St.` and `Dr.` are titles more often than streets, the others stand at the end of a name. */
function isStreetEnd(short: string, before: string, next: string, isStarter: boolean): boolean {
  if (short === 'st' || short === 'dr') {
    const previous = /([\w']+)\W+[A-Za-z]+$/.exec(before)?.[1] ?? '';
    return isStarter && isStreetHere(previous, '');
  }
  return /^[A-Z]/.test(next) && !DIRECTIONS.has(next.replace('.', ''));
}

/** 9 a.m. EST, 5 p.m. Monday. */
function isPartOfTime(next: string): boolean {
  const word = next.replace(/\W+$/, '').toLowerCase();
  return (
    /^[A-Z]{2,}/.test(next) ||
    /^[-(]|^\d/.test(next) ||
    MONTH_NAMES.has(word) ||
    DAY_NAMES.has(word) ||
    /^(?:eastern|central|mountain|pacific)$/.test(word)
  );
}

function cutLongSentence(text: string, start: number): number {
  const window = text.slice(start, start + MAX_LENGTH);
  for (const pattern of [/[,;:](?=\s)/g, /\s/g]) {
    let last = -1;
    for (const match of window.matchAll(pattern)) {
      last = match.index;
    }
    if (last > MAX_LENGTH / 4) {
      return start + last + 1;
    }
  }
  return start + MAX_LENGTH;
}
