/** Pauses: at a comma or unmarked, then the ends of a statement, a question and an exclamation. */
export const PAUSES = ['pau,', 'pau.', 'pau?', 'pau!'] as const;

/** A pause by what stands before it. */
export type Pause = (typeof PAUSES)[number];

const VOWELS = 'aa ae ah ao aw ay eh er ey ih iy ow oy uh uw'.split(' ');
const CONSONANTS = 'b ch d dh f g hh jh k l m n ng p r s sh t th v w y z zh'.split(' ');
const SOUNDS = [
  ...VOWELS.flatMap((vowel) => [`${vowel}0`, `${vowel}1`, `${vowel}2`]),
  ...CONSONANTS,
];

/**
 * The phone set, in the order of the networks' embeddings: padding, the pauses, then the symbols of
 * CMU's dictionary in lower case. A vowel carries its stress: 0 none, 1 primary, 2 secondary.
 * training/phones.py holds the same list.
 */
export const PHONES: readonly string[] = ['<pad>', ...PAUSES, ...SOUNDS];

const PHONE_SET: ReadonlySet<string> = new Set(SOUNDS);
const VOWEL_SET: ReadonlySet<string> = new Set(VOWELS);

/** @param phone - Any string. @returns Whether it is a phone that can stand in a word. */
export function isPhone(phone: string): boolean {
  return PHONE_SET.has(phone);
}

/** @param phone - A phone of `PHONES`. @returns Whether it is a vowel. */
export function isVowel(phone: string): boolean {
  return /\d$/.test(phone);
}

/** @param symbol - Any string. @returns Whether it is a vowel of the set without its stress. */
export function isBareVowel(symbol: string): boolean {
  return VOWEL_SET.has(symbol);
}
