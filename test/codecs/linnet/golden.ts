import { readFileSync } from 'node:fs';
import { parseSafetensors, type Tensors } from '../../../kernels/index.js';

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
