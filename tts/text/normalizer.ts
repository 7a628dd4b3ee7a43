import { ABBREVIATION_RULES } from './reading/abbreviations.js';
import { ADDRESS_RULES, HOUSE_RULES } from './reading/addresses.js';
import { AMOUNT_RULES, SIGN_RULES, VERSION_RULES } from './reading/amounts.js';
import { DATE_RULES, NAMED_DATE_RULES } from './reading/dates.js';
import { FORMULA_RULES } from './reading/formulas.js';
import { MARK_RULES } from './reading/marks.js';
import { MONEY_RULES, NAMED_MONEY_RULES } from './reading/money.js';
import { PHONE_RULES } from './reading/phones.js';
import { ROMAN_RULES } from './reading/roman.js';
import type { Place, Rule } from './reading/rule.js';
import { TIME_RULES, ZONE_RULES } from './reading/times.js';
import { UNIT_RULES } from './reading/units.js';
import { MAX_WORD_LENGTH, WEB_RULES } from './reading/web.js';
import { BOOK_RULES, VERSE_RULES } from './reading/verses.js';
import { readWord } from './reading/words.js';
import { ABBREVIATIONS } from './tables.js';

/** A run of text and the words to be spoken for it. */
export type Reading = {
  /** Lower-case words; single letters in capitals are to be spelled; `,` is a pause. */
  words: string[];
  /** UTF-16 units of text that they stand for. */
  length: number;
};

// the first rule that fits counts
const DIGIT_RULES: readonly Rule[] = [
  ...MARK_RULES,
  ...PHONE_RULES,
  ...VERSE_RULES,
  ...DATE_RULES,
  ...TIME_RULES,
  ...MONEY_RULES,
  ...HOUSE_RULES,
  ...FORMULA_RULES,
  ...UNIT_RULES,
  ...AMOUNT_RULES,
  ...WEB_RULES,
];
const SIGN_FIRST_RULES: readonly Rule[] = [
  ...MARK_RULES,
  ...PHONE_RULES,
  ...DATE_RULES,
  ...MONEY_RULES,
  ...FORMULA_RULES,
  ...UNIT_RULES,
  ...AMOUNT_RULES,
  ...WEB_RULES,
  ...SIGN_RULES,
];
const LETTER_RULES: readonly Rule[] = [
  ...MARK_RULES,
  ...BOOK_RULES,
  ...NAMED_DATE_RULES,
  ...NAMED_MONEY_RULES,
  ...ZONE_RULES,
  ...VERSION_RULES,
  ...ADDRESS_RULES,
  ...ROMAN_RULES,
  ...ABBREVIATION_RULES,
  ...FORMULA_RULES,
  ...WEB_RULES,
];
/** A word that no rule concerns; numerals, short forms and single letters are left to the rules. */
const PLAIN = /(?![ivxl]+\b)[a-z]{2,}(?=[\s,;!?]|$|\.\s)/y;

/**
 * Reads what begins at a place of a sentence, if it is more than a word: a number, money, a date, a
 * time, a measure, an address, a short form.
 *
 * @param place - Where; no white space stands there.
 * @returns The words and how much text they stand for; undefined if no rule fits.
 */
export function readSpan(place: Place): Reading | undefined {
  const { sentence, start } = place;
  const first = sentence.charCodeAt(start);
  let rules = SIGN_FIRST_RULES;
  if (first >= 48 && first <= 57) {
    rules = DIGIT_RULES;
  } else if ((first | 32) >= 97 && (first | 32) <= 122) {
    rules = LETTER_RULES;
    PLAIN.lastIndex = start;
    if (first >= 97 && PLAIN.test(sentence) && sentence[PLAIN.lastIndex] !== '.') {
      const end = PLAIN.lastIndex;
      const word = sentence.slice(start, end);
      // `cats vs dogs`
      if (!ABBREVIATIONS.has(word) && end - start <= MAX_WORD_LENGTH) {
        return { words: [word], length: end - start };
      }
    }
  }
  for (const { pattern, read } of rules) {
    pattern.lastIndex = start;
    const match = pattern.exec(sentence);
    const words = match === null || match[0] === '' ? undefined : read(match, place);
    if (words !== undefined) {
      return { words, length: match![0].length };
    }
  }
  return undefined;
}

/**
 * Reads a token that {@link readSpan} leaves.
 *
 * @param token - Without punctuation at its ends.
 * @param place - Where it stands.
 * @returns Its words; none for signs that are silent.
 */
export function readToken(token: string, place: Place): string[] {
  return readWord(token, place, (part) => {
    const reading = readSpan({ ...place, sentence: part, start: 0 });
    return reading?.length === part.length ? reading.words : undefined;
  });
}
