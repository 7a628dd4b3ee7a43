import { fromCmu, sEnding, SIBILANT, VOICELESS } from './phone-notation.js';
import { isVowel } from './phone-set.js';
import { FUNCTION_WORDS, LETTER_NAMES } from './word-tables.js';

/** What is said right after a word: another word, or phones that were given for it. */
export type NextWord = { word: string; phones?: readonly string[] };

/** Letters that a word with a vowel at its beginning most often begins with. */
const VOWEL_LETTER = /^[aeiou]/i;

/** CMU's pronouncing dictionary and what it implies. */
export class Lexicon {
  readonly #dictionary: Readonly<Record<string, string>>;

  private constructor(dictionary: Readonly<Record<string, string>>) {
    this.#dictionary = dictionary;
  }

  /** Loads the dictionary. @returns The lexicon. */
  static async load(): Promise<Lexicon> {
    const { dictionary } = await import('cmu-pronouncing-dictionary');
    return new Lexicon(dictionary);
  }

  /**
   * Looks a word up, also as a plural, possessive or another regular form of a known word.
   *
   * @param word - A lower-case word, or a single capital letter to be spelled.
   * @param next - What follows without a pause; undefined at the end of a phrase. The words that a
   * sentence does not stress depend on it.
   * @param inContext - How the sentence has it, if it is a homograph.
   * @returns Its phones; undefined if it is unknown.
   */
  find(word: string, next?: NextWord, inContext?: readonly string[]): string[] | undefined {
    if (inContext !== undefined) {
      return [...inContext];
    }
    const spelled = /^([A-Z])('s)?$/.exec(word);
    if (spelled !== null) {
      const phones = LETTER_NAMES[spelled[1]!.toLowerCase()]!.split(' ');
      return spelled[2] === undefined ? phones : [...phones, ...sEnding(phones)];
    }
    if (word === 'the') {
      return ['dh', this.#beginsWithVowel(next) ? 'iy0' : 'ah0'];
    }
    if (Object.hasOwn(FUNCTION_WORDS, word) && (next !== undefined || word === 'a')) {
      return word === 'to' && !this.#beginsWithVowel(next)
        ? ['t', 'ah0']
        : FUNCTION_WORDS[word]!.split(' ');
    }
    return this.#entry(word) ?? this.#derived(word);
  }

  /**
   * Tells phones that stand in the dictionary from those that rules made.
   *
   * @param word - A lower-case word.
   * @param phones - Its phones.
   * @returns Whether they are one of the dictionary's pronunciations of the word.
   */
  hasEntry(word: string, phones: readonly string[]): boolean {
    const wanted = phones.join(' ');
    for (let variant = 1; ; variant++) {
      const entry = this.#entry(variant === 1 ? word : `${word}(${variant})`);
      if (entry === undefined || entry.join(' ') === wanted) {
        return entry !== undefined;
      }
    }
  }

  #beginsWithVowel(next: NextWord | undefined): boolean {
    if (next === undefined) {
      return false;
    }
    const first = (next.phones ?? this.find(next.word))?.[0];
    return first === undefined ? VOWEL_LETTER.test(next.word) : isVowel(first);
  }

  #entry(word: string): string[] | undefined {
    return Object.hasOwn(this.#dictionary, word) ? fromCmu(this.#dictionary[word]!) : undefined;
  }

  #derived(word: string): string[] | undefined {
    const plain = word.replace(/^'+|'+$/g, '');
    if (plain !== word) {
      return plain === '' ? undefined : (this.#entry(plain) ?? this.#derived(plain));
    }
    const stem = /^(.{2,}?)'?s$/.exec(word)?.[1];
    const base = stem === undefined ? undefined : this.#entry(stem);
    if (base !== undefined) {
      return [...base, ...sEnding(base)];
    }
    const past = this.#stemOf(word, 'ed');
    if (past !== undefined) {
      const last = past.at(-1)!;
      return [
        ...past,
        ...(last === 't' || last === 'd'
          ? ['ih0', 'd']
          : SIBILANT.test(last) && last !== 'z' && last !== 'zh' && last !== 'jh'
            ? ['t']
            : VOICELESS.test(last)
              ? ['t']
              : ['d']),
      ];
    }
    const going = this.#stemOf(word, 'ing');
    return going === undefined ? this.#compound(word) : [...going, 'ih0', 'ng'];
  }

  /** The phones of the verb that a regular form comes from: walked, baked, stopped. */
  #stemOf(word: string, ending: string): string[] | undefined {
    if (!word.endsWith(ending) || word.length < ending.length + 3) {
      return undefined;
    }
    const stem = word.slice(0, -ending.length);
    const single = /(.)\1$/.test(stem) ? stem.slice(0, -1) : undefined;
    return (
      this.#entry(stem) ??
      this.#entry(`${stem}e`) ??
      (single === undefined ? undefined : this.#entry(single))
    );
  }

  /** Two known words written as one: timekeeper, skyward. The second has the lesser stress. */
  #compound(word: string): string[] | undefined {
    for (let cut = word.length - 3; cut >= 3; cut--) {
      const first = this.#entry(word.slice(0, cut));
      const second = first === undefined ? undefined : this.#entry(word.slice(cut));
      if (first !== undefined && second !== undefined && word.length >= 8) {
        return [...first, ...second.map((phone) => phone.replace('1', '2'))];
      }
    }
    return undefined;
  }
}
