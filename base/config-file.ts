import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { SpeechError } from './errors.js';

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
 * Reads a JSON file that describes a model.
 *
 * @param path - The file.
 * @param schema - What it must hold; fields that the schema does not name are passed over.
 * @returns What the schema makes of it.
 * @throws {SpeechError} `FILE_NOT_FOUND` if it cannot be read; `MODEL_INVALID`, naming the first field
 * that is wrong.
 */
export function readConfig<T>(path: string, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(readJson(path));
  if (!parsed.success) {
    const { path: place, message } = parsed.error.issues[0]!;
    const where = place.length === 0 ? '' : `${place.join('.')}: `;
    throw new SpeechError('MODEL_INVALID', `${path}: ${where}${message}.`, { path });
  }
  return parsed.data;
}

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SpeechError('FILE_NOT_FOUND', `${path} cannot be read.`, { path }, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SpeechError('MODEL_INVALID', `${path} is not JSON.`, { path }, { cause });
  }
}
