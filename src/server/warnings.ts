import type { Response } from 'express';

/** The header, or trailer, that tells warnings. */
export const WARNING_HEADER = 'X-Linnet-Warning';

/** Longest value of the header; some proxies refuse responses with more. */
const MAX_LENGTH = 500;

/**
 * Tells warnings in the header `X-Linnet-Warning`.
 *
 * @param response - Its head was not sent yet.
 * @param warnings - Sentences; without any, there is no header.
 */
export function setWarnings(response: Response, warnings: readonly string[]): void {
  if (warnings.length > 0) {
    response.setHeader(WARNING_HEADER, joinWarnings(warnings));
  }
}

/**
 * Makes warnings the value of a header: printable ASCII of at most 500 characters, the warnings separated by `; `.
 *
 * @param warnings - Sentences.
 * @returns The value.
 */
export function joinWarnings(warnings: readonly string[]): string {
  return warnings
    .join('; ')
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, MAX_LENGTH);
}
