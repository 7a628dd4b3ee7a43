import { ABBREVIATIONS } from '../tables.js';
import { following, prefixRule, rule, type Place, type Rule } from './rule.js';

/** Short forms and initials with periods. */
export const ABBREVIATION_RULES: readonly Rule[] = [
  rule('([A-Z])-([A-Z])', (match) =>
    match[1]! < match[2]! ? [match[1]!, 'to', match[2]!] : undefined,
  ),
  rule('([A-F])([-+])', (match) => [match[1]!, match[2] === '+' ? 'plus' : 'minus']),
  prefixRule('[A-Z](?= ?->)', (match) => [match[0]]),
  rule(String.raw`([A-Za-z]+(?:\.[A-Za-z]+)*)(\.?)`, readAbbreviation),
  rule(
    String.raw`((?:[A-Za-z]\.){2,}[A-Za-z]?|[A-Z][a-z]?(?:\.[A-Z][a-z]?)+\.?|[a-z](?:\.[a-z])+|[A-Z]\.)('s)?`,
    (match) => {
      const letters = Array.from(match[1]!.replaceAll('.', '').toUpperCase());
      return match[2] === undefined ? letters : [...letters.slice(0, -1), `${letters.at(-1)!}'s`];
    },
  ),
];

/**
 * Whether a word with or without a period is a short form.
 *
 * @param written - As written, without the last period.
 * @param hasPeriod - Whether one follows.
 * @param after - The text after it.
 * @returns Its words; undefined if it is a word of its own.
 */
export function abbreviationWords(
  written: string,
  hasPeriod: boolean,
  after: string,
): string[] | undefined {
  const entry = ABBREVIATIONS.get(written.toLowerCase());
  if (entry === undefined) {
    return undefined;
  }
  const isCapital = /^[A-Z]/.test(written);
  const holds = {
    always: true,
    period: hasPeriod,
    capital: hasPeriod && isCapital,
    title: isCapital,
    number: (hasPeriod || isCapital) && /^ ?[#(]?\d/.test(after),
    name: hasPeriod && isCapital && /^ [A-Z]/.test(after),
  };
  return holds[entry.when] ? entry.words : undefined;
}

function readAbbreviation(match: RegExpExecArray, place: Place): string[] | undefined {
  return abbreviationWords(match[1]!, match[2] === '.', following(place, match));
}
