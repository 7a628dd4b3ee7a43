import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPackageRoot } from '../../base/package-root.js';
import { parseSafetensors, readSafetensors, type Tensors } from '../../kernels/index.js';

/** Tensors that training/golden_*.py wrote. */
export class GoldenFile {
  readonly tensors: Tensors;

  /** @param name - File in test/golden without its ending, such as `codec/tiny`. */
  constructor(name: string) {
    const path = join(findPackageRoot(), 'test', 'golden', `${name}.safetensors`);
    this.tensors = parseSafetensors(readFileSync(path), name);
  }

  /** The tensors under a prefix, without it. */
  under(prefix: string): Tensors {
    const entries = [...this.tensors].filter(([name]) => name.startsWith(prefix));
    return new Map(entries.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
  }

  /** A tensor of real numbers. */
  floats(name: string): Float32Array {
    const data = this.tensors.get(name)?.data;
    if (!(data instanceof Float32Array)) {
      throw new TypeError(`${name} is not there`);
    }
    return data;
  }

  /** A tensor of codes. */
  codes(name: string): Uint16Array {
    const data = this.tensors.get(name)?.data;
    if (!(data instanceof Int32Array)) {
      throw new TypeError(`${name} is not there`);
    }
    return Uint16Array.from(data);
  }
}

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
  const file = new GoldenFile(`${name}/${which}`);
  if (which === 'real') {
    const models = join(root, 'models', name);
    const weights = await readSafetensors(join(models, 'model.safetensors'));
    return { configPath: join(models, 'config.json'), weights, tensors: file.tensors };
  }
  const configPath = join(root, 'test', 'golden', name, `${which}.json`);
  return { configPath, weights: file.under('weights.'), tensors: file.tensors };
}
