import { SpeechError } from '../../src/errors.js';
import { isPhone } from './phone-set.js';

/** Pronunciations by lower-case word; several spaces-separated phones each. */
export type UserDictionary = Readonly<Record<string, string>>;

const LETTER_NAMES: Readonly<Record<string, string>> = {
  a: 'ey',
  b: 'b iy',
  c: 's iy',
  d: 'd iy',
  e: 'iy',
  f: 'eh f',
  g: 'jh iy',
  h: 'ey ch',
  i: 'ay',
  j: 'jh ey',
  k: 'k ey',
  l: 'eh l',
  m: 'eh m',
  n: 'eh n',
  o: 'ow',
  p: 'p iy',
  q: 'k y uw',
  r: 'aa r',
  s: 'eh s',
  t: 't iy',
  u: 'y uw',
  v: 'v iy',
  w: 'd ah b ax l y uw',
  x: 'eh k s',
  y: 'w ay',
  z: 'z iy',
};

/** Function words as they are spoken inside a sentence. */
const WEAK_FORMS: Readonly<Record<string, string>> = {
  a: 'ax',
  an: 'ax n',
  to: 't ax',
  and: 'ae n d',
  of: 'ax v',
};

const VOWEL = /^[aeiou]/;
const SIBILANT = /^(?:s|z|sh|zh|ch|jh)$/;
const VOICELESS = /^(?:p|t|k|f|th)$/;

/** CMU's pronouncing dictionary, a user's own words above it, and what both imply. */
export class Lexicon {
  readonly #user: ReadonlyMap<string, string[]>;
  readonly #dictionary: Readonly<Record<string, string>>;

  private constructor(
    user: ReadonlyMap<string, string[]>,
    dictionary: Readonly<Record<string, string>>,
  ) {
    this.#user = user;
    this.#dictionary = dictionary;
  }

  /**
   * Loads the dictionary.
   *
   * @param user - A user's own pronunciations, phones of `PHONES` separated by spaces.
   * @returns The lexicon.
   * @throws {SpeechError} `OPTION_INVALID` if a pronunciation names an unknown phone.
   */
  static async load(user: UserDictionary = {}): Promise<Lexicon> {
    const { dictionary } = await import('cmu-pronouncing-dictionary');
    const own = new Map(
      Object.entries(user).map(([word, phones]) => [word.toLowerCase(), parsePhones(phones)]),
    );
    return new Lexicon(own, dictionary);
  }

  /**
   * Looks a word up, also as a plural, possessive or another regular form of a known word.
   *
   * @param word - A lower-case word, or a single capital letter to be spelled.
   * @param nextWord - The word after it, if any: some words depend on what follows.
   * @returns Its phones; undefined if it is unknown.
   */
  find(word: string, nextWord = ''): string[] | undefined {
    const own = this.#user.get(word.toLowerCase());
    if (own !== undefined) {
      return own;
    }
    const spelled = /^([A-Z])('s)?$/.exec(word);
    if (spelled !== null) {
      const phones = LETTER_NAMES[spelled[1]!.toLowerCase()]!.split(' ');
      return spelled[2] === undefined ? phones : [...phones, ...sEnding(phones)];
    }
    if (word === 'the') {
      const next = this.#entry(nextWord.toLowerCase())?.[0] ?? nextWord;
      return ['dh', VOWEL.test(next) ? 'iy' : 'ax'];
    }
    const weak = WEAK_FORMS[word];
    if (weak !== undefined && Object.hasOwn(WEAK_FORMS, word) && nextWord !== '') {
      return weak.split(' ');
    }
    return this.#entry(word) ?? this.#derived(word);
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
          ? ['ax', 'd']
          : SIBILANT.test(last) && last !== 'z' && last !== 'zh' && last !== 'jh'
            ? ['t']
            : VOICELESS.test(last)
              ? ['t']
              : ['d']),
      ];
    }
    const going = this.#stemOf(word, 'ing');
    return going === undefined ? this.#compound(word) : [...going, 'ih', 'ng'];
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

  /** Two known words written as one: timekeeper, skyward. */
  #compound(word: string): string[] | undefined {
    for (let cut = word.length - 3; cut >= 3; cut--) {
      const first = this.#entry(word.slice(0, cut));
      const second = first === undefined ? undefined : this.#entry(word.slice(cut));
      if (first !== undefined && second !== undefined && word.length >= 8) {
        return [...first, ...second];
      }
    }
    return undefined;
  }
}

/** @param cmu - An entry such as `HH AH0 L OW1`. @returns Phones of `PHONES`. */
export function fromCmu(cmu: string): string[] {
  return cmu
    .split(' ')
    .map((symbol) => (symbol === 'AH0' ? 'ax' : symbol.replace(/\d$/, '').toLowerCase()));
}

/**
 * Reads phones written by a user.
 *
 * @param text - Phones separated by spaces, in either CMU's notation or ours.
 * @returns Phones of `PHONES`.
 * @throws {SpeechError} `OPTION_INVALID` if one is unknown.
 */
export function parsePhones(text: string): string[] {
  const phones = text
    .trim()
    .split(/\s+/)
    .map((symbol) => fromCmu(symbol.toUpperCase() === 'AX' ? 'AH0' : symbol.toUpperCase())[0]!);
  const unknown = phones.findIndex((phone) => !isPhone(phone));
  if (unknown >= 0) {
    throw new SpeechError(
      'OPTION_INVALID',
      `phones[${unknown}] is no phone of the set; see PHONES.`,
      { index: unknown },
    );
  }
  return phones;
}

function sEnding(phones: readonly string[]): string[] {
  const last = phones.at(-1)!;
  return SIBILANT.test(last) ? ['ax', 'z'] : VOICELESS.test(last) ? ['s'] : ['z'];
}
