import { cleanText } from './clean.js';
import { readSentence } from './tokens.js';

/**
 * Reads a short text aloud, without regard to its pauses.
 *
 * @param text - Any string; phones in `[[ ]]` are not looked for.
 * @returns The words that are said, in the form of the normaliser.
 */
export function normalizeText(text: string): string[] {
  return readSentence(cleanText(text).text, { hasInline: false })
    .flatMap(({ words }) => words)
    .filter((word) => word !== ',');
}
