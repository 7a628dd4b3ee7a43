import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { SpeechError, type ErrorCode } from './errors.js';

/** A size: a whole number of at least 1. */
export const count = z.int().positive();

/** A whole number of at least 0. */
export const natural = z.int().nonnegative();

/** Blocks at one rate, then at the other. */
export const blockPair = z.tuple([natural, natural]);

/** The voices that a network knows, in the order of its rows, as their ids. */
export const voiceRows = z
  .array(z.object({ id: z.string().min(1) }))
  .min(1)
  .transform((voices) => voices.map(({ id }) => id));

/**
 * Reads a JSON file that describes a model or holds settings.
 *
 * @param path - The file.
 * @param schema - What it must hold; it decides whether fields that it does not name are passed over.
 * @param code - What a file that holds something else fails with.
 * @returns What the schema makes of it.
 * @throws {SpeechError} `FILE_NOT_FOUND` if it cannot be read; `code`, naming the first field that is
 * wrong.
 */
export function readConfig<T>(
  path: string,
  schema: z.ZodType<T>,
  code: ErrorCode = 'MODEL_INVALID',
): T {
  const parsed = schema.safeParse(readJson(path, code));
  if (!parsed.success) {
    const { path: place, message } = parsed.error.issues[0]!;
    const where = place.length === 0 ? '' : `${place.join('.')}: `;
    throw new SpeechError(code, `${path}: ${where}${message}.`, { path });
  }
  return parsed.data;
}

function readJson(path: string, code: ErrorCode): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SpeechError('FILE_NOT_FOUND', `${path} cannot be read.`, { path }, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SpeechError(code, `${path} is not JSON.`, { path }, { cause });
  }
}
