import { readFileSync } from 'node:fs';
import { parseSafetensors, type Tensors } from '../../kernels/index.js';

/** Tensors that training/golden_*.py wrote. */
export class Golden {
  readonly tensors: Tensors;

  /** @param name - File in test/golden without its ending. */
  constructor(name: string) {
    this.tensors = parseSafetensors(readFileSync(`test/golden/${name}.safetensors`), name);
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

/**
 * Root mean square of the difference, relative to the expected values'. NaN for other lengths, so
 * that no tolerance lets it pass.
 */
export function relativeRms(expected: ArrayLike<number>, actual: ArrayLike<number>): number {
  if (expected.length !== actual.length) {
    return NaN;
  }
  let difference = 0;
  let size = 0;
  for (let index = 0; index < expected.length; index++) {
    difference += (expected[index]! - actual[index]!) ** 2;
    size += expected[index]! ** 2;
  }
  return Math.sqrt(difference / size);
}
