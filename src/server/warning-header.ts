/** Longest value of the header; some proxies refuse responses with more. */
const MAX_LENGTH = 500;

/**
 * Joins warnings for the header `X-Linnet-Warning`.
 *
 * @param warnings - Sentences.
 * @returns Printable ASCII of at most 500 characters, the warnings separated by `; `.
 */
export function warningHeader(warnings: readonly string[]): string {
  return warnings
    .join('; ')
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, MAX_LENGTH);
}
