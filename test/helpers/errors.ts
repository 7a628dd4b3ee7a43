import type { ErrorCode } from '../../base/errors.js';

/**
 * For `toThrow` and `rejects.toThrow`, which match errors here by code and never by message.
 *
 * @param code - The code to expect.
 * @returns A matcher.
 */
export function errorWithCode(code: ErrorCode): Error {
  // Jest takes asymmetric matchers here, its types do not say so
  return expect.objectContaining({ code }) as Error;
}
