import type { WordPaths } from './word-paths.js';

/** A place where one side may write apart what the other writes as one word: `a m`, `am`. */
const MAX_JOINED = 5;

/** Words that make up one word, and where they begin. */
type Joined = { from: number; word: string };

/**
 * The least number of substitutions, insertions and deletions between a path of one side and a path of
 * the other (Levenshtein 1966). Words that one side writes together and the other apart (`work rooms`,
 * `workrooms`) are no errors.
 *
 * @param reference - What was to be said.
 * @param hypothesis - What was recognised.
 * @returns A count, 0 when a path of one side has the same words as one of the other.
 */
export function wordErrors(reference: WordPaths, hypothesis: WordPaths): number {
  const joinedReference = reference.map((_, node) => listJoined(reference, node, MAX_JOINED));
  const joinedHypothesis = hypothesis.map((_, node) => listJoined(hypothesis, node, MAX_JOINED));
  const counts: number[][] = [];
  for (const [row, said] of reference.entries()) {
    const current: number[] = [];
    counts.push(current);
    for (const [column, heard] of hypothesis.entries()) {
      const ways = row === 0 && column === 0 ? [0] : [];
      ways.push(...said.map(({ from }) => counts[from]![column]! + 1));
      ways.push(...heard.map(({ from }) => current[from]! + 1));
      for (const left of said) {
        for (const right of heard) {
          ways.push(counts[left.from]![right.from]! + (left.word === right.word ? 0 : 1));
        }
      }
      for (const [many, whole] of [
        [joinedReference[row]!, heard],
        [said, joinedHypothesis[column]!],
      ] as const) {
        for (const left of many) {
          for (const right of whole) {
            if (left.word === right.word) {
              ways.push(counts[left.from]![right.from]!);
            }
          }
        }
      }
      current.push(Math.min(...ways));
    }
  }
  return counts.at(-1)!.at(-1)!;
}

/** All that two to `most` words before a node make up together. */
function listJoined(paths: WordPaths, node: number, most: number): Joined[] {
  return paths[node]!.flatMap(({ from, word }) =>
    (most > 2 ? listJoined(paths, from, most - 1) : [])
      .concat(paths[from]!)
      .map((before) => ({ from: before.from, word: before.word + word })),
  );
}
