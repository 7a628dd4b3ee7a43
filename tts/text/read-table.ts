import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPackageRoot } from '../../base/package-root.js';

/**
 * Reads a word list of the front end: a file in `tts/text/data` with columns between tabs. Empty lines
 * and lines that begin with `#` are for people.
 *
 * @param name - Without its ending, `.tsv`.
 * @returns The rows, each with its cells.
 */
export function readTable(name: string): string[][] {
  const text = readFileSync(join(findPackageRoot(), 'tts', 'text', 'data', `${name}.tsv`), 'utf8');
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'));
}
