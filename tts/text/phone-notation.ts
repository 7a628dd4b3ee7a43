import { SpeechError } from '../../base/errors.js';
import { isBareVowel, isPhone } from './phone-set.js';

/** Phones after which the ending -s is a syllable. */
export const SIBILANT = /^(?:s|z|sh|zh|ch|jh)$/;
/** Other phones after which an ending is said without voice. */
export const VOICELESS = /^(?:p|t|k|f|th)$/;

const WHERE = 'docs/cli.md lists the phones';

/**
 * Reads an entry of CMU's dictionary, which may end in a comment.
 *
 * @param entry - Such as `HH AH0 L OW1`.
 * @returns Phones of `PHONES`.
 */
export function fromCmu(entry: string): string[] {
  return entry.replace(/#.*$/, '').trim().toLowerCase().split(/\s+/);
}

/**
 * Reads phones written by a user, in any case: with stress (`HH AH0 L OW1`) or without (`hh ah l ow`).
 * If no vowel has a stress, the first one gets 1 and the others 0; if some have one, the others get 0.
 * `ax` stands for `ah0`.
 *
 * @param text - Phones separated by spaces.
 * @returns Phones of `PHONES`; where a symbol is no phone, undefined.
 */
export function readPhones(text: string): (string | undefined)[] {
  const symbols = text.trim().toLowerCase().split(/\s+/);
  let stress = symbols.some((symbol) => isPhone(symbol) && /\d$/.test(symbol)) ? '0' : '1';
  return symbols.map((symbol) => {
    if (symbol === 'ax') {
      return 'ah0';
    }
    if (isBareVowel(symbol)) {
      const vowel = `${symbol}${stress}`;
      stress = '0';
      return vowel;
    }
    return isPhone(symbol) ? symbol : undefined;
  });
}

/**
 * Tells phones from words in a pronunciation. Letters in a row (`B M W`) are words, though some are
 * also phones; a vowel with its stress makes it phones; otherwise most of the symbols must be phones.
 *
 * @param text - Symbols separated by spaces.
 * @returns Whether they are meant as phones, though some may be unknown.
 */
export function looksLikePhones(text: string): boolean {
  const symbols = text.trim().split(/\s+/);
  if (symbols.every(({ length }) => length === 1)) {
    return false;
  }
  if (symbols.some((symbol) => /^[a-z]{2}\d$/i.test(symbol) && isBareVowel(vowelOf(symbol)))) {
    return true;
  }
  const isKnown = readPhones(text).map((phone) => phone !== undefined);
  const numPhones = isKnown.filter(Boolean).length;
  // "a hat" and "uh oh" are words: a phone of two letters must be there, and other signs be few
  const hasLong = symbols.some(({ length }, index) => length > 1 && isKnown[index]);
  const half = symbols.length / 2;
  return hasLong && (numPhones > half || (numPhones === half && text === text.toUpperCase()));
}

function vowelOf(symbol: string): string {
  return symbol.slice(0, -1).toLowerCase();
}

/**
 * Reads a pronunciation of a user's dictionary; see {@link readPhones}.
 *
 * @param where - For errors: where the entry stands.
 * @param text - Phones separated by spaces.
 * @returns Phones of `PHONES`, at least one.
 * @throws {SpeechError} `OPTION_INVALID` if one is unknown.
 */
export function parseEntry(where: string, text: string): string[] {
  const phones = readPhones(text);
  const index = phones.indexOf(undefined);
  if (index >= 0) {
    const symbol = text.trim().split(/\s+/)[index]!;
    throw new SpeechError(
      'OPTION_INVALID',
      `${where}: phone ${index} is ${JSON.stringify(symbol)}, which is not in the set; ${WHERE}.`,
      { index, symbol },
    );
  }
  return phones as string[];
}

/**
 * Reads what stands in `[[ ]]`. It is a pronunciation if at least half of its symbols are phones, text
 * otherwise.
 *
 * @param text - What is between the brackets.
 * @returns Phones of `PHONES`; undefined if it is text.
 * @throws {SpeechError} `OPTION_INVALID` if it is a pronunciation with an unknown phone.
 */
export function parseInline(text: string): string[] | undefined {
  const phones = readPhones(text);
  const numPhones = phones.filter((phone) => phone !== undefined).length;
  if (numPhones === 0 || numPhones < phones.length / 2) {
    return undefined;
  }
  const index = phones.indexOf(undefined);
  if (index >= 0) {
    throw new SpeechError(
      'OPTION_INVALID',
      `phones[${index}] of ${phones.length} between [[ and ]] is not in the set; ${WHERE}.`,
      { index, numSymbols: phones.length },
    );
  }
  return phones as string[];
}

/** @param phones - Of a word. @returns The phones of the ending -s after it. */
export function sEnding(phones: readonly string[]): string[] {
  const last = phones.at(-1)!;
  return SIBILANT.test(last) ? ['ih0', 'z'] : VOICELESS.test(last) ? ['s'] : ['z'];
}
