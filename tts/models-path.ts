import { join } from 'node:path';
import { findPackageRoot } from '../src/package-root.js';

/** @returns Absolute path of the models that come with the package. */
export function findModels(): string {
  return join(findPackageRoot(), 'models');
}
