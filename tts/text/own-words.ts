import type { Dictionary, OwnReading } from './dictionary.js';
import { partsOf } from './homographs.js';
import { partOfSpeech, type ContextWord, type PartOfSpeech } from './part-of-speech.js';
import { sEnding } from './phone-notation.js';
import type { Token } from './tokens.js';
import { splitWritten, type WrittenWord } from './written-words.js';

/** A word of a sentence that a user's dictionary has, or what is cut off from one. */
export type OwnMatch = {
  start: number;
  end: number;
  /** Without marks around it. */
  written: string;
  /** How it is said; undefined for the rest of a word with hyphens, which is read by itself. */
  reading: Pick<Token, 'words' | 'phones' | 'isOwn'> | undefined;
};

type FindPart = (among: readonly PartOfSpeech[]) => PartOfSpeech | undefined;

/** Joins words that a dictionary may know one by one; not in addresses and dates. */
const JOINED = /^[\p{L}\p{N}'&+#]+(?:[-/][\p{L}\p{N}'&+#]+)+$/u;
const HAS_LETTER = /\p{L}/u;

/**
 * Finds the words of users' dictionaries in a sentence, the longest first: `New York` before `New`. A
 * possessive and a part of a word with hyphens are found by the word itself.
 */
export class OwnWords {
  readonly #dictionaries: readonly Dictionary[];
  readonly #maxWords: number;

  /** @param dictionaries - Of two that know a word the later one counts. */
  constructor(dictionaries: readonly Dictionary[]) {
    this.#dictionaries = dictionaries.filter(({ size }) => size > 0).reverse();
    this.#maxWords = Math.max(0, ...this.#dictionaries.map(({ maxWords }) => maxWords));
  }

  /** Whether there are no words at all. */
  get isEmpty(): boolean {
    return this.#maxWords === 0;
  }

  /**
   * Finds what the dictionaries have.
   *
   * @param text - A clean sentence.
   * @returns Places that do not overlap, in order.
   */
  findIn(text: string): OwnMatch[] {
    const written = splitWritten(text);
    const matches: OwnMatch[] = [];
    for (let index = 0; index < written.length;) {
      const found = this.#longestAt(written, index);
      if (found === undefined) {
        matches.push(...this.#splitJoined(written[index]!));
        index++;
        continue;
      }
      const [first, last] = [written[index]!, written[index + found.numWords - 1]!];
      const place = { start: first.start, end: last.end };
      matches.push({ ...place, written: found.text, reading: found.reading });
      index += found.numWords;
    }
    return matches;
  }

  /**
   * Looks up a word that the normaliser made of something else: `kilogram` of `kg`.
   *
   * @param word - As the normaliser writes it; spelled letters are no words.
   * @returns How it is said; undefined if no dictionary has it.
   */
  find(word: string): OwnReading | undefined {
    return this.isEmpty || /^[A-Z]/.test(word) ? undefined : this.#find(word, () => undefined);
  }

  #longestAt(written: readonly WrittenWord[], index: number) {
    const longest = Math.min(this.#maxWords, lengthOfPhrase(written, index));
    for (let numWords = longest; numWords > 0; numWords--) {
      const phrase = written.slice(index, index + numWords);
      const text = phrase.map((word) => word.text).join(' ');
      const reading = this.#read(text, (among) => findPart(written, index + numWords - 1, among));
      if (reading !== undefined) {
        return { numWords, text, reading };
      }
    }
    return undefined;
  }

  #read(written: string, findPart: FindPart): OwnMatch['reading'] {
    const whole = this.#find(written, findPart);
    if (whole !== undefined) {
      return toReading(written, whole);
    }
    const stem = /^(.+)'s$/i.exec(written)?.[1];
    const possessor = stem === undefined ? undefined : this.#find(stem, () => 'noun');
    return possessor === undefined ? undefined : toReading(written, withEnding(possessor));
  }

  #find(written: string, findPart: FindPart): OwnReading | undefined {
    const key = written.toLowerCase();
    for (const dictionary of this.#dictionaries) {
      const found = dictionary.find(written, key, findPart);
      if (found !== undefined) {
        return found;
      }
    }
    return undefined;
  }

  /** `SQL-based` as two words, if a dictionary knows one of them. */
  #splitJoined({ text, start, end }: WrittenWord): OwnMatch[] {
    if (!JOINED.test(text)) {
      return [];
    }
    const parts: OwnMatch[] = [];
    let place = start;
    for (const written of text.split(/[-/]/)) {
      const reading = HAS_LETTER.test(written) ? this.#read(written, () => undefined) : undefined;
      // the sign that joins it to the next part belongs to it
      const after = Math.min(end, place + written.length + 1);
      parts.push({ start: place, end: after, written, reading });
      place = after;
    }
    return parts.some(({ reading }) => reading !== undefined) ? parts : [];
  }
}

/** Words from a place on that no pause parts. */
function lengthOfPhrase(written: readonly WrittenWord[], index: number): number {
  let length = 0;
  for (let place = index; place < written.length; place++) {
    const { pauseBefore, endsClause } = written[place]!;
    if (pauseBefore && place > index) {
      break;
    }
    length++;
    if (endsClause) {
      break;
    }
  }
  return length;
}

/** What a word is, out of what the entries and the table of homographs tell apart. */
function findPart(
  written: readonly WrittenWord[],
  index: number,
  among: readonly PartOfSpeech[],
): PartOfSpeech | undefined {
  const known = partsOf(written[index]!.text.toLowerCase());
  const rivals: readonly PartOfSpeech[] = known.length > 0 ? known : ['noun', 'verb'];
  return partOfSpeech(toContext(written), index, [...among, ...rivals]);
}

function toContext(written: readonly WrittenWord[]): ContextWord[] {
  return written.map(({ text, endsClause }) => ({
    word: text.toLowerCase(),
    isCapital: /^[A-Z][a-z]/.test(text),
    endsClause,
  }));
}

function toReading(written: string, { isPhones, said }: OwnReading): OwnMatch['reading'] {
  const parts = said.split(' ');
  return isPhones
    ? { words: [written], phones: parts, isOwn: true }
    : { words: parts, isOwn: true };
}

function withEnding({ isPhones, said }: OwnReading): OwnReading {
  return isPhones
    ? { isPhones, said: [said, ...sEnding(said.split(' '))].join(' ') }
    : { isPhones, said: `${said}'s` };
}
