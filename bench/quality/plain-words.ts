import { cleanText } from '../../tts/text/clean.js';
import { readSentence } from '../../tts/text/tokens.js';
import { oneSpelling } from './spellings.js';

/**
 * Words of a text as they are said, so that two ways of writing the same speech become equal: lower
 * case, numbers, prices, dates and times in words, American spelling, short forms in full, without
 * punctuation, apostrophes and the `and` within numbers.
 *
 * @param text - A text, or what a recogniser wrote down.
 * @returns The words in order.
 */
export function plainWords(text: string): string[] {
  const words = readSentence(cleanText(text).text)
    .flatMap((token) => token.words)
    .flatMap(splitWord);
  return words.filter((word, index) => !isAndOfNumber(words, index)).map(oneSpelling);
}

/** Letters only: `twenty-one` is two words, `don't` is `dont`. */
function splitWord(word: string): string[] {
  return (
    word
      .toLowerCase()
      .replaceAll("'", '')
      .match(/[a-z]+/g) ?? []
  );
}

const BEFORE_AND = /^(?:hundred|thousand|million|billion|dollars?|pounds?|euros?)$/;
const AFTER_AND =
  /^(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty|half)$/;

/** `one hundred and five` and `three dollars and fifty cents` are said without `and` as well. */
function isAndOfNumber(words: readonly string[], index: number): boolean {
  return (
    words[index] === 'and' &&
    BEFORE_AND.test(words[index - 1] ?? '') &&
    AFTER_AND.test(words[index + 1] ?? '')
  );
}
