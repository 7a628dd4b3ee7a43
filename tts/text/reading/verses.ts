import { cardinalWords } from '../numbers.js';
import { BIBLE_BOOKS } from '../tables.js';
import { following, prefixRule, rule, type Place, type Rule } from './rule.js';

const VERSE = /^ \d{1,3}:\d/;
// capitals only: `mark` and `acts` are words
const BOOK = Array.from(BIBLE_BOOKS.keys(), (name) => name[0]!.toUpperCase() + name.slice(1)).join(
  '|',
);
const ORDINALS: Readonly<Record<string, string>> = { '1': 'first', '2': 'second', '3': 'third' };

/** A chapter and verses after a book of the Bible: `Psalm 23:4`, `John 3:16-18`. */
export const VERSE_RULES: readonly Rule[] = [
  prefixRule(`[123](?= (?:${BOOK})\\.? \\d{1,3}:\\d)`, (match) => [ORDINALS[match[0]]!]),
  rule(String.raw`(\d{1,3}):(\d{1,3})(?:-(?:(\d{1,3}):)?(\d{1,3}))?`, (match, { previous }) => {
    const numbers = match.slice(1).map((digits) => (digits ? cardinalWords(digits) : []));
    return isBook(previous)
      ? [
          ...numbers.slice(0, 2).flat(),
          ...(match[4] === undefined ? [] : ['to', ...numbers.slice(2).flat()]),
        ]
      : undefined;
  }),
];

/** Short forms of books before a chapter and a verse: `Gen. 1:1`. */
export const BOOK_RULES: readonly Rule[] = [
  prefixRule(String.raw`(${BOOK})\.?(?= )`, (match, place: Place) =>
    VERSE.test(following(place, match)) ? [BIBLE_BOOKS.get(match[1]!.toLowerCase())!] : undefined,
  ),
];

/**
 * @param word - A word before a number.
 * @returns Whether it is a book of the Bible or its short form, with a capital.
 */
export function isBook(word: string): boolean {
  return /^[A-Z]/.test(word) && BIBLE_BOOKS.has(word.toLowerCase());
}
