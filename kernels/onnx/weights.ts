import { SpeechError } from '../../base/errors.js';
import type { Tensors } from './safetensors.js';

/** A model's float32 tensors under a prefix, with their shapes checked as they are taken. */
export class Weights {
  readonly #tensors: Tensors;
  readonly #prefix: string;

  /** @param tensors - All tensors of a file. @param prefix - For example `enc1.0.`; none by default. */
  constructor(tensors: Tensors, prefix = '') {
    this.#tensors = tensors;
    this.#prefix = prefix;
  }

  /**
   * Narrows the view to a part of the network.
   *
   * @param name - Without the last dot, for example `enc1.0`.
   */
  at(name: string): Weights {
    return new Weights(this.#tensors, `${this.#prefix}${name}.`);
  }

  /** The name of a tensor in the file. @param name - Under the prefix. */
  fullName(name: string): string {
    return this.#prefix + name;
  }

  /** Whether there is such a tensor. @param name - Under the prefix. */
  has(name: string): boolean {
    return this.#tensors.has(this.#prefix + name);
  }

  /**
   * Takes a tensor.
   *
   * @param name - Under the prefix.
   * @param rank - How many axes it must have.
   * @returns Its data, not a copy, and its shape.
   * @throws {SpeechError} `MODEL_INVALID` if it is missing, is not of real numbers, or has another rank.
   */
  get(name: string, rank: number): { data: Float32Array; shape: number[] } {
    const full = this.#prefix + name;
    const tensor = this.#tensors.get(full);
    if (tensor === undefined) {
      throw new SpeechError('MODEL_INVALID', `The model has no tensor ${full}.`, { tensor: full });
    }
    if (!(tensor.data instanceof Float32Array) || tensor.shape.length !== rank) {
      throw new SpeechError(
        'MODEL_INVALID',
        `${full} is ${tensor.dtype} [${tensor.shape.join(', ')}]; real numbers with ${rank} axes are wanted.`,
        { tensor: full },
      );
    }
    return { data: tensor.data, shape: [...tensor.shape] };
  }
}
