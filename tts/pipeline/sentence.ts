import { PHONES, type SpokenWord, type Utterance } from '../text/index.js';
import type { TokenPlace } from './token-gate.js';

/**
 * Longest time on one phone, in steps of 40 ms. The language model decides by itself, far below
 * these; they only see to it that it can never hang.
 */
const MAX_PHONE_STEPS = 15;
const MAX_PAUSE_STEPS = 30;
const MAX_OPENING_STEPS = 5;

const PHONE_IDS: ReadonlyMap<string, number> = new Map(
  PHONES.map((phone, index) => [phone, index] as const),
);

/** A sentence as the language model reads it. */
export class Sentence {
  /** Index of each phone in the phone set. */
  readonly phoneIds: Int32Array;
  /** 1 where a word begins, else 0. */
  readonly wordStarts: Int32Array;
  /** Steps after which the pointer must leave each phone. */
  readonly maxDwell: Int32Array;
  /** Whether the language model has read it. */
  isBegun = false;
  readonly #wordIndices: Int32Array;
  /** Its words, as they were written. */
  readonly words: readonly SpokenWord[];
  readonly #firstSpoken: number;
  readonly #lastSpoken: number;

  /** @param utterance - A sentence of the text. @param isFirst - Nothing was spoken before it. */
  constructor(utterance: Utterance, isFirst: boolean) {
    const { phones, words } = utterance;
    this.words = words;
    this.phoneIds = Int32Array.from(phones, ({ phone }) => PHONE_IDS.get(phone) ?? 0);
    this.wordStarts = Int32Array.from(phones, ({ wordStart }) => Number(wordStart));
    this.#wordIndices = Int32Array.from(phones, ({ wordIndex }) => wordIndex);
    this.#firstSpoken = phones.findIndex(({ wordIndex }) => wordIndex >= 0);
    this.#lastSpoken = phones.findLastIndex(({ wordIndex }) => wordIndex >= 0);
    this.maxDwell = Int32Array.from(phones, ({ wordIndex }, index) => {
      if (isFirst && index < this.#firstSpoken) {
        return MAX_OPENING_STEPS;
      }
      return wordIndex >= 0 ? MAX_PHONE_STEPS : MAX_PAUSE_STEPS;
    });
  }

  /** Phones. */
  get length(): number {
    return this.phoneIds.length;
  }

  /** Whether there is anything in it but pauses. */
  get hasSpeech(): boolean {
    return this.#firstSpoken >= 0;
  }

  /** @param pointer - Index of a phone. @returns Whether it comes before, in or after the speech. */
  placeOf(pointer: number): TokenPlace {
    if (pointer < this.#firstSpoken) {
      return 'opening';
    }
    return pointer > this.#lastSpoken ? 'closing' : 'speech';
  }

  /** @param pointer - Index of a phone. @returns Number of its word; -1 in a pause. */
  wordIndexOf(pointer: number): number {
    return this.#wordIndices[pointer] ?? -1;
  }
}
