import { classOf } from '../part-of-speech.js';

/** Where a rule looks: a sentence, and what stands around a place in it. */
export type Place = {
  /** Clean text. */
  sentence: string;
  /** Where the match begins. */
  start: number;
  /** The word before it in the same clause, without punctuation; empty if there is none. */
  previous: string;
  /** Whether the sentence is written in capitals. */
  isShouted: () => boolean;
};

/** Reads what a pattern has matched; undefined if it is something else after all. */
export type Reader = (match: RegExpExecArray, place: Place) => string[] | undefined;

/** A way of writing and how it is read. */
export type Rule = {
  /** Sticky. */
  pattern: RegExp;
  /** Gives lower-case words, single capitals to be spelled, and `,` for a pause. */
  read: Reader;
};

/** What closes a token: marks, then white space, a dash or the end. */
const END = String.raw`(?=["')\]}.,;:!?*_·]*(?:\s|$|--|\.\.\.))`;

/** A number: grouped or not, perhaps with a decimal fraction. */
export const NUMBER = String.raw`(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)`;

/**
 * Makes a rule for whole tokens: after the match only punctuation may stand before the next white space.
 *
 * @param source - Of a regular expression.
 * @param read - Reads its matches.
 * @param flags - More flags than `y`.
 * @returns The rule.
 */
export function rule(source: string, read: Reader, flags = ''): Rule {
  return { pattern: new RegExp(`(?:${source})${END}`, `y${flags}`), read };
}

/**
 * Makes a rule for the beginning of a token; the rest is read on its own.
 *
 * @param source - Of a regular expression.
 * @param read - Reads its matches.
 * @returns The rule.
 */
export function prefixRule(source: string, read: Reader): Rule {
  return { pattern: new RegExp(source, 'y'), read };
}

/** @param place - Where a match stands. @param match - It. @returns The text after it, a few words. */
export function following(place: Place, match: RegExpExecArray): string {
  const end = place.start + match[0].length;
  return place.sentence.slice(end, end + 40);
}

/** @param place - Where a match stands. @param match - It. @returns Whether it is like an adjective: `a 5 km run`. */
export function isAttributive(place: Place, match: RegExpExecArray): boolean {
  const after = following(place, match);
  if (
    /^(?:the|this|that|each|every|another|my|your|his|her|its|our|their)$/i.test(place.previous)
  ) {
    // the 5 km race, but the 5 km they ran and the 5 km remaining
    return isNoun(/^ ([a-z]{3,})\b(?!')/.exec(after)?.[1]);
  }
  return (
    /^an?$/i.test(place.previous) &&
    /^ (?!(?:or|and|in|on|at|for|to|of|is|was|from|with|by|per|a|an|the|each|every|more|less|if|when|but|than|as)\b)[a-z]{2}/.test(
      after,
    )
  );
}

function isNoun(word: string | undefined): boolean {
  return word !== undefined && /^(?:noun|plural)$/.test(classOf(word));
}
