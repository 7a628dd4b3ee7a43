import { cardinalWords, digitWords, yearWords } from '../numbers.js';
import { INITIALISMS, isContext, SHORT_WORDS, SIGN_WORDS } from '../tables.js';
import { abbreviationWords } from './abbreviations.js';
import type { Place } from './rule.js';
import { cutLong } from './web.js';

const WORD = /^[a-z]+(?:'[a-z]+)*'?$/i;
const SPELLED_PAIR = /^([A-Z]{1,3})&([A-Z]{1,3})('s)?$/;

/**
 * Reads a token that no rule knows: a word, letters to be spelled, or words joined by signs.
 *
 * @param token - Without punctuation at its ends.
 * @param place - Where it stands.
 * @param readPart - Reads a part of it by the rules; undefined if none fits.
 * @returns Words; none for signs that are silent.
 */
export function readWord(
  token: string,
  place: Place,
  readPart: (part: string) => string[] | undefined,
): string[] {
  const plain = plainWord(token, place);
  if (plain !== undefined) {
    return plain;
  }
  const pair = SPELLED_PAIR.exec(token);
  if (pair !== null) {
    return [
      ...Array.from(pair[1]!),
      'and',
      ...Array.from(pair[2]!.slice(0, -1)),
      pair[2]!.slice(-1) + (pair[3] ?? ''),
    ];
  }
  // formulas of chemistry and names such as MP3
  if (/^(?=.*\d)(?:[A-Z]{1,2}\d*)+$/.test(token)) {
    return token.match(/[A-Z]|\d+/g)!.flatMap(readPiece);
  }
  if (/^[\w'.]+(?:-[\w'.]+)+$/.test(token)) {
    return token.split('-').flatMap((part) => compoundPart(part, place, readPart));
  }
  return token
    .split(/(?<=[^\w'])|(?=[^\w'])|(?<=_)|(?=_)|(?<=[a-z])(?=\d)|(?<=\d)(?=['a-z])|(?<=')(?=\d)/i)
    .flatMap((piece) => plainWord(piece, place) ?? readPiece(piece));
}

/** A word of letters; undefined if there is something else in it. */
function plainWord(token: string, place: Place): string[] | undefined {
  if (token.length === 1 && /[a-z]/i.test(token)) {
    return [readLetter(token, place)];
  }
  if (!WORD.test(token)) {
    return undefined;
  }
  const [stem = '', ...rest] = token.split(/(?='|s$)/);
  const known = INITIALISMS.get(token) ?? INITIALISMS.get(stem);
  if (known !== undefined) {
    const ending = INITIALISMS.has(token) ? '' : rest.join('');
    const last = known.at(-1)!;
    return [...known.slice(0, -1), last + (last.length === 1 && ending === 's' ? "'s" : ending)];
  }
  if (/^[A-Z]{2,}s$/.test(token)) {
    return [...Array.from(stem.slice(0, -1)), `${stem.slice(-1)}'s`];
  }
  if (/^[A-Z]'s$/.test(token)) {
    return [token];
  }
  if (/^[ie][A-Z][a-z]+$/.test(token)) {
    return [token[0]!.toUpperCase(), token.slice(1).toLowerCase()];
  }
  if (/^[A-Z]{2,}(?:'[A-Za-z]+)?$/.test(token)) {
    return readCapitals(token, place.isShouted());
  }
  const camel = /^([A-Z]?[a-z]+)([A-Z]{2,3})$/.exec(token);
  return camel === null
    ? cutLong(token.toLowerCase())
    : [camel[1]!.toLowerCase(), ...Array.from(camel[2]!)];
}

function readLetter(letter: string, { previous }: Place): string {
  const lower = letter.toLowerCase();
  return (lower === 'a' && (letter === 'a' || !isContext('letter', previous))) || lower === 'i'
    ? lower
    : letter.toUpperCase();
}

/** Capitals are spelled when they are short and no word: FBI, but NASA and HELLO. */
function readCapitals(token: string, isShouted: boolean): string[] {
  const [stem = '', suffix] = token.split("'");
  if (isSaidAsWord(stem, isShouted)) {
    return cutLong(token.toLowerCase());
  }
  const letters = Array.from(stem);
  if (suffix !== undefined) {
    letters.push(`${letters.pop()!}'${suffix.toLowerCase()}`);
  }
  return letters;
}

function isSaidAsWord(stem: string, isShouted: boolean): boolean {
  const needsShouting = SHORT_WORDS.get(stem.toLowerCase());
  if (needsShouting !== undefined && (isShouted || !needsShouting)) {
    return true;
  }
  if (!/[AEIOUY]/.test(stem)) {
    return stem.length > 7;
  }
  return (
    isShouted ||
    stem.length > 4 ||
    (stem.length === 4 && /[AEIOU].*[AEIOUY]|^[A-Z][AEIOU][A-Z]{2}$/.test(stem))
  );
}

/** A part between hyphens: X-ray, 10-mile, mid-1980s, GPT-4, Wi-Fi. */
function compoundPart(
  part: string,
  place: Place,
  readPart: (part: string) => string[] | undefined,
): string[] {
  if (/^[A-Z]$/.test(part) || /^[eo]$/.test(part)) {
    return [part.toUpperCase()];
  }
  return (
    (/\d/.test(part) ? readPart(part) : undefined) ??
    plainWord(part, place) ??
    readWord(part.replaceAll('-', ''), place, () => undefined)
  );
}

/** A piece of a token that has been cut at its signs. */
function readPiece(piece: string): string[] {
  if (/^\d+$/.test(piece)) {
    return /^(?:19|20)\d\d$/.test(piece)
      ? yearWords(piece)
      : piece.length > 4 || /^0\d/.test(piece)
        ? digitWords(piece)
        : cardinalWords(piece);
  }
  if (/^[A-Z]$/.test(piece)) {
    return [piece];
  }
  // hyphens, colons and brackets inside words only keep them apart
  const sign = piece === ':' ? undefined : SIGN_WORDS.get(piece);
  if (sign !== undefined) {
    return sign;
  }
  const letters = piece.replace(/[^a-z']/gi, '').toLowerCase();
  return letters.replaceAll("'", '') === ''
    ? []
    : (abbreviationWords(letters, false, '') ?? cutLong(letters));
}

/**
 * Whether a sentence is written in capitals, so that its short words are words.
 *
 * @param sentence - Clean text.
 * @returns Whether at least 7 of 10 words are, and one of them is no short form.
 */
export function isShouted(sentence: string): boolean {
  const words = sentence.match(/[A-Za-z]{2,}/g) ?? [];
  const capitals = words.filter((word) => word === word.toUpperCase());
  return (
    capitals.length >= 2 &&
    capitals.length >= 0.7 * words.length &&
    capitals.some((word) => word.length > 4 || SHORT_WORDS.get(word.toLowerCase()) === false)
  );
}
