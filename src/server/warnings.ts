import type { Response } from 'express';

/** Longest value of the header; some proxies refuse responses with more. */
const MAX_LENGTH = 500;

/**
 * Tells warnings in the header `X-Linnet-Warning`: printable ASCII of at most 500 characters, the
 * warnings separated by `; `.
 *
 * @param response - Its head was not sent yet.
 * @param warnings - Sentences; without any, there is no header.
 */
export function setWarnings(response: Response, warnings: readonly string[]): void {
  if (warnings.length > 0) {
    const joined = warnings.join('; ').replace(/[^\x20-\x7e]/g, '?');
    response.setHeader('X-Linnet-Warning', joined.slice(0, MAX_LENGTH));
  }
}
