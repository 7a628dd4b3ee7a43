import { cleanText } from '../../tts/text/clean.js';
import { readSentence } from '../../tts/text/tokens.js';
import { oneSpelling } from './spellings.js';

/** A place where one side may write apart what the other writes as one word: `a m`, `am`. */
const MAX_JOINED = 5;

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

/**
 * The least number of substitutions, insertions and deletions between two word sequences
 * (Levenshtein 1966). Divide the sum by the sum of `reference.length` for a word error rate. Words
 * that one side writes together and the other apart (`work rooms`, `workrooms`) are no errors.
 *
 * @param reference - What was to be said.
 * @param hypothesis - What was recognised.
 * @returns A count, 0 when the sequences are equal.
 */
export function wordErrors(reference: readonly string[], hypothesis: readonly string[]): number {
  const rows = [Array.from({ length: hypothesis.length + 1 }, (_, index) => index)];
  for (let row = 1; row <= reference.length; row++) {
    const current = [row];
    rows.push(current);
    for (let column = 1; column <= hypothesis.length; column++) {
      const isSame = reference[row - 1] === hypothesis[column - 1];
      let best = Math.min(
        rows[row - 1]![column - 1]! + (isSame ? 0 : 1),
        rows[row - 1]![column]! + 1,
        current[column - 1]! + 1,
      );
      for (let joined = 2; joined <= MAX_JOINED; joined++) {
        if (endsJoined(reference, row, joined, hypothesis[column - 1]!)) {
          best = Math.min(best, rows[row - joined]![column - 1]!);
        }
        if (endsJoined(hypothesis, column, joined, reference[row - 1]!)) {
          best = Math.min(best, rows[row - 1]![column - joined]!);
        }
      }
      current.push(best);
    }
  }
  return rows[reference.length]![hypothesis.length]!;
}

/** Whether the `count` words before `end` make up a word of the other side. */
function endsJoined(words: readonly string[], end: number, count: number, whole: string): boolean {
  return count <= end && words.slice(end - count, end).join('') === whole;
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
