import { PHONES, type PhoneToken, type SpokenWord, type Utterance } from '../text/index.js';
import type { TokenPlace } from './token-gate.js';

/**
 * Longest time on one phone, in steps of 40 ms. The language model decides by itself, far below
 * these; they only see to it that it can never hang.
 */
const MAX_PHONE_STEPS = 15;
const MAX_PAUSE_STEPS = 30;
const MAX_OPENING_STEPS = 5;

/**
 * Phones that must be known after a word of an open sentence before it is settled: how a word sounds
 * depends on those after it, the nearest most.
 */
const LOOKAHEAD_PHONES = 6;
/** Words that must be known after a number and the like, which are often read together (`3 million`). */
const LOOKAHEAD_WORDS = 2;

const PHONE_IDS: ReadonlyMap<string, number> = new Map(
  PHONES.map((phone, index) => [phone, index] as const),
);

/** Phones to encode at once; only what it makes of those from `skip` on is wanted. */
export type SentencePiece = {
  /** Index of each phone in the phone set. */
  phoneIds: Int32Array;
  /** 1 where a word begins, else 0. */
  wordStarts: Int32Array;
  /** Phones before and after the wanted ones, for their context. */
  skip: number;
  /** Steps after which the pointer must leave each of the wanted phones. */
  maxDwell: Int32Array;
};

/**
 * A sentence as the language model reads it. One that is still being written has its settled words
 * only: these, once given, stay as they are, whatever follows.
 */
export class Sentence {
  /** Whether the language model has begun it. */
  isBegun = false;
  readonly #isFirst: boolean;
  readonly #reach: number;
  readonly #pieces: SentencePiece[] = [];
  #phones: readonly PhoneToken[] = [];
  #words: readonly SpokenWord[] = [];
  #isWhole = false;
  #firstSpoken = -1;
  #lastSpoken = -1;

  /**
   * @param isFirst - Nothing was spoken before it.
   * @param reach - Phones on either side that what is encoded of a phone depends on.
   */
  constructor(isFirst: boolean, reach: number) {
    this.#isFirst = isFirst;
    this.#reach = reach;
  }

  /** Phones that are settled. */
  get length(): number {
    return this.#phones.length;
  }

  /** Its words, as they were written; those that are not settled may be missing. */
  get words(): readonly SpokenWord[] {
    return this.#words;
  }

  /** Whether its end is known. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Whether there is anything settled in it but pauses. */
  get hasSpeech(): boolean {
    return this.#firstSpoken >= 0;
  }

  /** Whether {@link takePiece} has something to give. */
  get hasPiece(): boolean {
    return this.#pieces.length > 0;
  }

  /** Where the settled words end in the text, in UTF-16 units; 0 without any. */
  get end(): number {
    const last = this.#phones.findLast(({ wordIndex }) => wordIndex >= 0);
    return last === undefined ? 0 : this.#words[last.wordIndex]!.end;
  }

  /**
   * Takes a reading of the sentence.
   *
   * @param utterance - From its beginning, as far as it is known.
   * @param isWhole - Nothing follows in this sentence.
   * @returns False if it does not begin as the settled words were read; nothing of it is taken then.
   */
  take(utterance: Utterance, isWhole: boolean): boolean {
    const { phones, words } = utterance;
    const isSame = this.#phones.every(({ phone, wordIndex }, index) => {
      const other = phones[index];
      const isInPlace = this.#words[wordIndex]?.start === words[wordIndex]?.start;
      return phone === other?.phone && wordIndex === other.wordIndex && isInPlace;
    });
    if (isSame) {
      this.#settle(utterance, isWhole);
    }
    return isSame;
  }

  /**
   * Goes on after the settled words.
   *
   * @param rest - What follows them, read by itself; undefined if nothing does.
   * @param isWhole - Nothing follows in this sentence.
   */
  append(rest: Utterance | undefined, isWhole: boolean): void {
    const numWords = lastWordIndex(this.#phones) + 1;
    // every reading begins with a pause
    const following = rest?.phones.slice(1) ?? [END_OF_SENTENCE];
    const phones = following.map((phone) => {
      const { wordIndex } = phone;
      return { ...phone, wordIndex: wordIndex < 0 ? wordIndex : wordIndex + numWords };
    });
    this.#settle(
      {
        phones: [...this.#phones, ...phones],
        words: [...this.#words.slice(0, numWords), ...(rest?.words ?? [])],
      },
      isWhole,
    );
  }

  /** The next phones that the language model has not read; undefined if it has read all that is settled. */
  takePiece(): SentencePiece | undefined {
    return this.#pieces.shift();
  }

  /** @param pointer - Index of a phone. @returns Its index in the phone set. */
  phoneIdOf(pointer: number): number {
    return PHONE_IDS.get(this.#phones[pointer]?.phone ?? '') ?? 0;
  }

  /** @param pointer - Index of a phone. @returns Whether it comes before, in or after the speech. */
  placeOf(pointer: number): TokenPlace {
    if (pointer < this.#firstSpoken) {
      return 'opening';
    }
    return this.#isWhole && pointer > this.#lastSpoken ? 'closing' : 'speech';
  }

  /** @param pointer - Index of a phone. @returns Number of its word; -1 in a pause. */
  wordIndexOf(pointer: number): number {
    return this.#phones[pointer]?.wordIndex ?? -1;
  }

  /**
   * @param pointer - Index of a phone; the number of phones for the end.
   * @returns Where it stands in the text, in UTF-16 units: phones share their word evenly, and a pause
   * stands where the word before it ends; -1 before the first word.
   */
  offsetOf(pointer: number): number {
    const index = this.wordIndexOf(pointer);
    const word = this.#words[index];
    if (word === undefined) {
      const before = lastWordIndex(this.#phones.slice(0, pointer));
      return this.#words[before]?.end ?? -1;
    }
    let first = pointer;
    while (this.wordIndexOf(first - 1) === index) {
      first--;
    }
    let end = pointer + 1;
    while (this.wordIndexOf(end) === index) {
      end++;
    }
    const share = (pointer - first) / (end - first);
    return word.start + Math.round(share * (word.end - word.start));
  }

  /** Settles what can be settled of a reading that begins as what is settled already. */
  #settle({ phones, words }: Utterance, isWhole: boolean): void {
    const from = this.#phones.length;
    const to = isWhole ? phones.length : Math.max(from, countSettled(phones, words));
    this.#isWhole = isWhole;
    this.#words = words;
    this.#phones = phones.slice(0, to);
    this.#firstSpoken = this.#phones.findIndex(({ wordIndex }) => wordIndex >= 0);
    this.#lastSpoken = this.#phones.findLastIndex(({ wordIndex }) => wordIndex >= 0);
    if (to > from) {
      this.#pieces.push(this.#piece(phones, from, to, isWhole));
    }
  }

  #piece(phones: readonly PhoneToken[], from: number, to: number, isWhole: boolean): SentencePiece {
    const start = Math.max(0, from - this.#reach);
    // the pause at the end of an open sentence stands for nothing
    const known = isWhole ? phones.length : phones.length - 1;
    const seen = phones.slice(start, Math.min(known, to + this.#reach));
    return {
      phoneIds: Int32Array.from(seen, ({ phone }) => PHONE_IDS.get(phone) ?? 0),
      wordStarts: Int32Array.from(seen, ({ wordStart }) => Number(wordStart)),
      skip: from - start,
      maxDwell: Int32Array.from(phones.slice(from, to), ({ wordIndex }, index) =>
        this.#maxDwell(wordIndex, from + index),
      ),
    };
  }

  #maxDwell(wordIndex: number, index: number): number {
    if (this.#isFirst && index < this.#firstSpoken) {
      return MAX_OPENING_STEPS;
    }
    return wordIndex >= 0 ? MAX_PHONE_STEPS : MAX_PAUSE_STEPS;
  }
}

/** Words of more than letters and punctuation are often read together with those after them. */
const NOT_PLAIN = /[^\p{L}'’"“”,;:!?()-]/u;

const END_OF_SENTENCE: PhoneToken = { phone: 'pau.', wordStart: false, wordIndex: -1 };

function lastWordIndex(phones: readonly PhoneToken[]): number {
  return phones.findLast(({ wordIndex }) => wordIndex >= 0)?.wordIndex ?? -1;
}

/** Phones of an open sentence, up to a word's beginning, that what follows hardly changes. */
function countSettled(phones: readonly PhoneToken[], words: readonly SpokenWord[]): number {
  let ahead = 0;
  for (let index = phones.length - 1; index > 0; index--) {
    const { wordIndex } = phones[index]!;
    ahead += Number(wordIndex >= 0);
    const isWordStart = wordIndex >= 0 && phones[index - 1]!.wordIndex !== wordIndex;
    if (isWordStart && ahead >= LOOKAHEAD_PHONES) {
      const around = [words[wordIndex - 1], words[wordIndex]];
      const mayReadOn = around.some((word) => NOT_PLAIN.test(word?.text ?? ''));
      if (!mayReadOn || words.length - wordIndex > LOOKAHEAD_WORDS) {
        return index;
      }
    }
  }
  return 0;
}
