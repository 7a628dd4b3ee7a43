import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { qualityFolder } from './python.js';

/** The files of sentences, by name. */
export const SENTENCE_SETS = ['sentences', 'daily'] as const;

/** One of {@link SENTENCE_SETS}. */
export type SentenceSet = (typeof SENTENCE_SETS)[number];

/** @param set - Its name. @returns Its sentences in order. */
export async function readSentences(set: SentenceSet): Promise<string[]> {
  const path = join(qualityFolder(), `${set}.txt`);
  return (await readFile(path, 'utf8')).trim().split('\n');
}
