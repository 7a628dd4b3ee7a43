import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPackageRoot } from '../../base/package-root.js';

/**
 * Reads a text file of `test/golden`.
 *
 * @param name - Path below the folder.
 * @returns Its lines but empty ones and those that begin with "# ".
 */
export function readGoldenLines(name: string): string[] {
  return readFileSync(join(findPackageRoot(), 'test', 'golden', name), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('# '));
}
