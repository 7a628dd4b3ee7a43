/** Pauses: at a comma or unmarked, then the ends of a statement, a question and an exclamation. */
export const PAUSES = ['pau,', 'pau.', 'pau?', 'pau!'] as const;

/** A pause by what stands before it. */
export type Pause = (typeof PAUSES)[number];

const SOUNDS =
  'aa ae ah ao aw ax ay b ch d dh eh er ey f g hh ih iy jh k l m n ng ow oy p r s sh t th uh uw v w y z zh';

/**
 * The phone set, in the order of the networks' embeddings: padding, the pauses, then the phones of
 * CMU's US English set in lower case, with `ax` for the unstressed vowel. training/phones.py holds
 * the same list.
 */
export const PHONES: readonly string[] = ['<pad>', ...PAUSES, ...SOUNDS.split(' ')];

const PHONE_SET: ReadonlySet<string> = new Set(SOUNDS.split(' '));

/** @param phone - Any string. @returns Whether it is a phone that can stand in a word. */
export function isPhone(phone: string): boolean {
  return PHONE_SET.has(phone);
}
