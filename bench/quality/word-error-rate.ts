/**
 * Words of a text as a recogniser would write them: lower case, letters and apostrophes only.
 *
 * @param text - Any text without digits.
 * @returns The words in order.
 */
export function plainWords(text: string): string[] {
  return (
    text
      .toLowerCase()
      .replace(/[\u2018\u2019]/g, "'")
      .match(/[a-z']+/g) ?? []
  )
    .map((word) => word.replace(/^'+|'+$/g, ''))
    .filter((word) => word !== '');
}

/**
 * The least number of substitutions, insertions and deletions between two word sequences
 * (Levenshtein 1966). Divide the sum by the sum of `reference.length` for a word error rate.
 *
 * @param reference - What was to be said.
 * @param hypothesis - What was recognised.
 * @returns A count, 0 when the sequences are equal.
 */
export function wordErrors(reference: readonly string[], hypothesis: readonly string[]): number {
  let previous = Array.from({ length: hypothesis.length + 1 }, (_, index) => index);
  for (const [row, word] of reference.entries()) {
    const current = [row + 1];
    for (const [column, other] of hypothesis.entries()) {
      const substitution = previous[column]! + (word === other ? 0 : 1);
      current.push(Math.min(substitution, previous[column + 1]! + 1, current[column]! + 1));
    }
    previous = current;
  }
  return previous[hypothesis.length]!;
}
