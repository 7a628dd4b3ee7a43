import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SpeechError } from '../src/errors.js';

/**
 * Finds the models that come with the package, from the sources as well as from `dist/`.
 *
 * @returns Absolute path of the folder `models`.
 * @throws {SpeechError} `FILE_NOT_FOUND` if the package holds none.
 */
export function findModels(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) || !existsSync(join(folder, 'models'))) {
    const parent = dirname(folder);
    if (parent === folder) {
      throw new SpeechError('FILE_NOT_FOUND', 'The folder models/ of this package is missing.');
    }
    folder = parent;
  }
  return join(folder, 'models');
}
