import { cleanText } from '../../tts/text/clean.js';
import { plainWords } from './plain-words.js';
import { rewriteNumbers } from './written-numbers.js';

/** A word that leads from a node to the one whose list it stands in. */
export type WordArc = { from: number; word: string };

/**
 * The ways in which a text can be said: a graph of words, by node the arcs that end there. Every arc
 * comes from a lower node; node 0 is the beginning, the last one the end.
 */
export type WordPaths = readonly (readonly WordArc[])[];

/** Other words for those between two places of a text. */
type Detour = { from: number; to: number; words: readonly string[] };

/**
 * Words that are said in this way only, as those of a text that was to be spoken.
 *
 * @param words - In order.
 */
export function onePath(words: readonly string[]): WordPaths {
  return [[], ...words.map((word, from) => [{ from, word }])];
}

/**
 * All that may have been said where a recogniser wrote a text. It writes `415`, `4.15` or `4-15` for
 * "four fifteen", and `7391` for "seven three nine one".
 *
 * @param heard - What it wrote.
 */
export function allPaths(heard: string): WordPaths {
  const text = cleanText(heard).text;
  const words = plainWords(text);
  const detours = rewriteNumbers(text).flatMap((rewritten) =>
    findDetours(words, rewritten.map(plainWords)),
  );
  const nodes: WordArc[][] = [[]];
  // where each place of the text has its node
  const places = [0];
  for (let place = 1; place <= words.length; place++) {
    const arcs: WordArc[] = [{ from: places[place - 1]!, word: words[place - 1]! }];
    for (const detour of detours.filter(({ to }) => to === place)) {
      let from = places[detour.from]!;
      for (const word of detour.words.slice(0, -1)) {
        from = nodes.push([{ from, word }]) - 1;
      }
      arcs.push({ from, word: detour.words.at(-1)! });
    }
    places.push(nodes.push(arcs) - 1);
  }
  return nodes;
}

/**
 * All detours of one number begin at one place and end at another, so that no path has half of one
 * reading and half of another.
 */
function findDetours(words: readonly string[], readings: readonly (readonly string[])[]): Detour[] {
  const all = [words, ...readings];
  const shortest = Math.min(...all.map(({ length }) => length));
  // at least one word is left to each
  const start = countEqual(all, shortest - 1, (reading, index) => reading[index]);
  const end = countEqual(all, shortest - 1 - start, (reading, index) => reading.at(-1 - index));
  return readings.map((reading) => ({
    from: start,
    to: words.length - end,
    words: reading.slice(start, reading.length - end),
  }));
}

/** How many words are the same in all readings. */
function countEqual(
  readings: readonly (readonly string[])[],
  most: number,
  wordAt: (reading: readonly string[], index: number) => string | undefined,
): number {
  for (let index = 0; index < most; index++) {
    if (readings.some((reading) => wordAt(reading, index) !== wordAt(readings[0]!, index))) {
      return index;
    }
  }
  return Math.max(0, most);
}
