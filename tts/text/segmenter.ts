import { ABBREVIATIONS, MAY_END_SENTENCE } from './tables.js';

/** Longest sentence in characters; a longer one is cut at a clause or between words. */
const MAX_LENGTH = 250;
/** What must follow a possible end before it is judged. */
const MARGIN = 64;

/**
 * Finds where the first sentence of a text ends. The answer depends only on the text up to a fixed
 * distance after the end, so a text that arrives in pieces is cut like a whole one.
 *
 * @param text - Clean text.
 * @param start - Where the sentence begins.
 * @param isLast - Whether nothing follows the text.
 * @returns The index after the sentence; -1 if that cannot be told yet.
 */
export function findSentenceEnd(text: string, start: number, isLast: boolean): number {
  const limit = Math.min(text.length, start + MAX_LENGTH);
  for (let index = start; index < limit; index++) {
    const end = endAt(text, start, index, isLast);
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
function endAt(text: string, start: number, index: number, isLast: boolean): number | undefined {
  const sign = text[index]!;
  if (sign === '\n') {
    // an empty line ends a paragraph
    const blank = /^\n[ \n]*?\n/.exec(text.slice(index, index + MARGIN));
    if (blank !== null) {
      return index + 1;
    }
    const isUnknown =
      text.slice(index + 1).trim() === '' && !isLast && text.length - index < MARGIN;
    return isUnknown ? undefined : 0;
  }
  if (sign !== '.' && sign !== '!' && sign !== '?') {
    return 0;
  }
  const tail = /^[.!?"')\]}]*/.exec(text.slice(index, index + MARGIN))![0];
  const after = index + tail.length;
  if (after >= text.length) {
    return isLast ? after : undefined;
  }
  const gap = /^\s+/.exec(text.slice(after, after + MARGIN))?.[0].length ?? 0;
  if (gap === 0) {
    return 0;
  }
  if (after + gap >= text.length && !isLast && gap < MARGIN) {
    return undefined;
  }
  if (sign === '.' && tail === '.') {
    return isPeriodAnEnd(text, start, index, text[after + gap] ?? '') ? after : 0;
  }
  // a lower-case word goes on after "Really?" he said
  return /[a-z]/.test(text[after + gap] ?? '') ? 0 : after;
}

function isPeriodAnEnd(text: string, start: number, index: number, next: string): boolean {
  if (/[a-z]/.test(next)) {
    return false;
  }
  const word = /[^\s("'[]*$/
    .exec(text.slice(Math.max(start, index - MARGIN), index))![0]
    .toLowerCase();
  if (/^[a-z]$/.test(word) && word !== 'i') {
    return false;
  }
  if (word === 'no' && /\d/.test(next)) {
    return false;
  }
  if (Object.hasOwn(ABBREVIATIONS, word)) {
    // words that are also abbreviations of days and months end sentences more often than not
    return (
      MAY_END_SENTENCE.has(word) || (word.length > 2 && !/\d/.test(next) && isCommonWord(word))
    );
  }
  return true;
}

function isCommonWord(word: string): boolean {
  return ['sun', 'mar', 'may', 'fig', 'rep', 'est', 'wed', 'ed'].includes(word);
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
