import { join } from 'node:path';
import { findPackageRoot } from '../../base/package-root.js';
import { readSafetensors, type TensorLike, type Tensors } from '../../kernels/index.js';

/** A network with inputs and outputs that training computed. */
export type Golden = { configPath: string; weights: Tensors; tensors: Tensors };

/**
 * Reads a golden file.
 *
 * @param name - Of the network, such as `flow`.
 * @param which - `tiny` holds its own weights; `real` belongs to those in `models/`.
 */
export async function loadGolden(name: string, which: 'tiny' | 'real'): Promise<Golden> {
  const root = findPackageRoot();
  const folder = join(root, 'test', 'golden', name);
  const tensors = await readSafetensors(join(folder, `${which}.safetensors`));
  if (which === 'real') {
    const models = join(root, 'models', name);
    const weights = await readSafetensors(join(models, 'model.safetensors'));
    return { configPath: join(models, 'config.json'), weights, tensors };
  }
  const weights: Tensors = new Map();
  for (const [key, tensor] of tensors) {
    if (key.startsWith('weights.')) {
      weights.set(key.slice('weights.'.length), tensor);
    }
  }
  return { configPath: join(folder, `${which}.json`), weights, tensors };
}

/**
 * Compares two tensors.
 *
 * @param actual - What was computed.
 * @param expected - What it should be, of as many elements.
 * @returns Root mean square of the difference over that of `expected`; NaN if anything is NaN, and
 * infinite for another length.
 */
export function relativeRms(actual: TensorLike, expected: TensorLike): number {
  if (actual.data.length !== expected.data.length) {
    return Infinity;
  }
  let error = 0;
  let power = 0;
  for (let index = 0; index < expected.data.length; index++) {
    error += (Number(actual.data[index]) - Number(expected.data[index])) ** 2;
    power += Number(expected.data[index]) ** 2;
  }
  return Math.sqrt(error / power);
}
