import type { OwnWords } from './own-words.js';
import type { Pause } from './phone-set.js';
import type { Token } from './tokens.js';

/** A word to be said, with what stands after it. */
export type Spoken = {
  word: string;
  wordIndex: number;
  pauseAfter: Pause | undefined;
  phones?: string[];
  /** Whether a user's dictionary says it. */
  isOwn: boolean;
};

/**
 * The words of a token; a pause within it follows the word before. What users' dictionaries say stands
 * in the place of words that the normaliser made.
 *
 * @param token - The token, with at least one word.
 * @param wordIndex - Of the written word.
 * @param own - The dictionaries.
 * @returns The words to be said, in order.
 */
export function speakToken(token: Token, wordIndex: number, own: OwnWords): Spoken[] {
  const { phones, isOwn = false } = token;
  const spoken: Spoken[] = [];
  for (const word of token.words) {
    if (word === ',') {
      spoken.at(-1)!.pauseAfter = 'pau,';
    } else if (isOwn || phones !== undefined) {
      spoken.push(toSpoken(word, wordIndex, isOwn, phones));
    } else {
      spoken.push(...speakWord(word, wordIndex, own));
    }
  }
  spoken.at(-1)!.pauseAfter = token.pauseAfter;
  return spoken;
}

function speakWord(word: string, wordIndex: number, own: OwnWords): Spoken[] {
  const found = own.find(word);
  if (found === undefined) {
    return [toSpoken(word, wordIndex, false)];
  }
  const said = found.said.split(' ');
  return found.isPhones
    ? [toSpoken(word, wordIndex, true, said)]
    : said.map((part) => toSpoken(part, wordIndex, true));
}

function toSpoken(word: string, wordIndex: number, isOwn: boolean, phones?: string[]): Spoken {
  return { word, wordIndex, pauseAfter: undefined, isOwn, ...(phones && { phones }) };
}
