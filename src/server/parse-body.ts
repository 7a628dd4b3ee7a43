import type { z } from 'zod';
import { SpeechError } from '../../base/errors.js';

/** JSON may write one UTF-16 unit as six bytes, such as `\\u0041`. */
export const JSON_BYTES_PER_CHARACTER = 6;

/**
 * Checks the shape of a JSON body.
 *
 * @param schema - An object's schema.
 * @param body - Whatever the JSON held.
 * @returns The fields.
 * @throws {SpeechError} `BODY_INVALID` for the first field that does not fit, named by `details.param`.
 */
export function parseBody<Schema extends z.ZodObject>(
  schema: Schema,
  body: unknown,
): z.infer<Schema> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new SpeechError(
      'BODY_INVALID',
      'The request body must be a JSON object, sent with Content-Type: application/json.',
    );
  }
  const result = schema.safeParse(body);
  if (!result.success) {
    const issue = result.error.issues[0]!;
    const param = issue.path.join('.');
    const isMissing = !(String(issue.path[0]) in body);
    throw new SpeechError(
      'BODY_INVALID',
      isMissing ? `${param} is missing; it is required.` : `${param}: ${issue.message}.`,
      { param },
    );
  }
  return result.data;
}
