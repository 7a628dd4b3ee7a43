import { SpeechError } from '../../base/errors.js';
import type { Tensors } from './safetensors.js';

/** A model's float32 tensors under a prefix, with their shapes checked as they are taken. */
export class Weights {
  readonly #tensors: Tensors;
  readonly #prefix: string;
  readonly #network: string;

  /**
   * @param tensors - All tensors of a file.
   * @param prefix - For example `enc1.0.`; none by default.
   * @param network - Tells its tensors from those of another file in the same graph; empty by default.
   */
  constructor(tensors: Tensors, prefix = '', network = '') {
    this.#tensors = tensors;
    this.#prefix = prefix;
    this.#network = network;
  }

  /**
   * The same tensors for a graph that holds another network too, whose tensors may have the same names.
   *
   * @param network - What no other network of the graph is called.
   */
  of(network: string): Weights {
    return new Weights(this.#tensors, this.#prefix, `${network}:`);
  }

  /**
   * Narrows the view to a part of the network.
   *
   * @param name - Without the last dot, for example `enc1.0`.
   */
  at(name: string): Weights {
    return new Weights(this.#tensors, `${this.#prefix}${name}.`, this.#network);
  }

  /** The name of a tensor in the graph, which no other has. @param name - Under the prefix. */
  fullName(name: string): string {
    return this.#network + this.#prefix + name;
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
