import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SpeechError } from './errors.js';

/**
 * Finds the folder of this package, from the sources as well as from `dist/`.
 *
 * @returns The absolute path of the folder that holds package.json.
 * @throws {SpeechError} `INTERNAL` if the package was torn apart.
 */
export function findPackageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) {
      throw new SpeechError('INTERNAL', 'The package.json of Linnet is missing.');
    }
    folder = parent;
  }
  return folder;
}

/**
 * Reads this package's version.
 *
 * @returns The version in package.json, such as "0.1.0".
 */
export function readPackageVersion(): string {
  const text = readFileSync(join(findPackageRoot(), 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** @returns Absolute path of the models that come with the package. */
export function findModels(): string {
  return join(findPackageRoot(), 'models');
}
