import { cardinalWords, pairWords } from '../numbers.js';
import { DIRECTIONS, STARTERS, STATES, STREETS } from '../tables.js';
import { following, rule, type Place, type Rule } from './rule.js';

const SHORT = Array.from(STREETS.keys(), capitalised);
const STREET = [
  ...SHORT,
  ...Array.from(STREETS.values(), ([word]) => capitalised(word!)),
  'Way',
  'Loop',
].join('|');
const NAME = String.raw`(?:[A-Z][\w']*\.? |\d+(?:st|nd|rd|th) )`;

/** House numbers: in pairs, before the name of a street. */
export const HOUSE_RULES: readonly Rule[] = [
  rule(
    String.raw`(\d{1,5})([A-Z]?)(?= (?:[NSEW]{1,2}\.? )?${NAME}{1,3}?(?:${STREET})\b)`,
    (match) => [...pairWords(match[1]!), ...Array.from(match[2]!)],
  ),
];

/** Streets, points of the compass, states and boxes. */
export const ADDRESS_RULES: readonly Rule[] = [
  rule(`(${SHORT.join('|')})\\.?`, readStreet),
  rule(String.raw`(N[EW]?|S[EW]?|E|W)\.?`, (match, { previous }) =>
    /^\d+[A-Z]?$/.test(previous) || isStreet(previous) ? DIRECTIONS.get(match[1]!) : undefined,
  ),
  rule(String.raw`([A-Z]{2})`, (match, place) => {
    const state = STATES.get(match[1]!);
    const hasZip = /^ \d{5}\b/.test(following(place, match));
    const afterCity = /[a-z], $/.test(
      place.sentence.slice(Math.max(0, place.start - 3), place.start),
    );
    return state !== undefined && (hasZip || (afterCity && !state.needsZip))
      ? state.words
      : undefined;
  }),
  rule(String.raw`P\.?\s?O\.? Box (\d+)`, (match) => ['P', 'O', 'box', ...pairWords(match[1]!)]),
  rule(String.raw`I-(\d+)`, (match) => ['I', ...cardinalWords(match[1]!)]),
];

/**
 * Whether `St.` or `Dr.` is a street or drive: a name stands before it, and none after it.
 *
 * @param previous - The word before it.
 * @param after - The text after it.
 * @returns Whether it is one.
 */
export function isStreetHere(previous: string, after: string): boolean {
  const isNamed =
    (/^[A-Z][\w']+$/.test(previous) && !STARTERS.has(previous.toLowerCase())) ||
    /^\d+(?:st|nd|rd|th)$/.test(previous);
  return isNamed && !/^ (?!(?:NE|NW|SE|SW|[NSEW])\b)[A-Z]/.test(after);
}

function readStreet(match: RegExpExecArray, place: Place): string[] | undefined {
  const short = match[1]!.toLowerCase();
  const after = following(place, match);
  if (isStreetHere(place.previous, after)) {
    return STREETS.get(short);
  }
  if (short === 'dr') {
    return ['doctor'];
  }
  if (short === 'st') {
    return /^ [A-Z]/.test(after) ? ['saint'] : ['street'];
  }
  return undefined;
}

function isStreet(word: string): boolean {
  return new RegExp(`^(?:${STREET})$`).test(word);
}

function capitalised(word: string): string {
  return word[0]!.toUpperCase() + word.slice(1);
}
