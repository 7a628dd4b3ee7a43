import { readFile } from 'node:fs/promises';
import { SpeechError } from '../base/errors.js';

/** Fields of a config.json, read with checks. */
export class ConfigReader {
  readonly #path: string;
  readonly #fields: Readonly<Record<string, unknown>>;

  /** @param path - What errors call it. @param fields - The parsed object. */
  constructor(path: string, fields: Readonly<Record<string, unknown>>) {
    this.#path = path;
    this.#fields = fields;
  }

  /**
   * Reads a file.
   *
   * @param path - A JSON file that holds an object.
   * @throws {SpeechError} `FILE_NOT_FOUND` if there is none; `FILE_READ_FAILED` if it cannot be read;
   * `MODEL_INVALID` if it is no JSON object.
   */
  static async open(path: string): Promise<ConfigReader> {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      throw new SpeechError(
        'FILE_NOT_FOUND',
        `${path} cannot be read.`,
        { path },
        { cause: error },
      );
    }
    try {
      const fields: unknown = JSON.parse(text);
      if (typeof fields === 'object' && fields !== null && !Array.isArray(fields)) {
        return new ConfigReader(path, fields as Record<string, unknown>);
      }
    } catch {
      // told below
    }
    throw new SpeechError('MODEL_INVALID', `${path} is not a JSON object.`, { path });
  }

  /** A whole number of at least 1. @throws {SpeechError} `MODEL_INVALID` */
  count(name: string): number {
    const value = this.#fields[name];
    if (!isCount(value)) {
      throw this.#invalid(name, 'a whole number of at least 1');
    }
    return value;
  }

  /** A whole number of at least 0. @throws {SpeechError} `MODEL_INVALID` */
  natural(name: string): number {
    const value = this.#fields[name];
    if (value !== 0 && !isCount(value)) {
      throw this.#invalid(name, 'a whole number of at least 0');
    }
    return value;
  }

  /** A list of whole numbers of at least 1. @throws {SpeechError} `MODEL_INVALID` */
  counts(name: string): number[] {
    const value = this.#fields[name];
    if (!Array.isArray(value) || !value.every(isCount)) {
      throw this.#invalid(name, 'a list of whole numbers of at least 1');
    }
    return value;
  }

  /** Two whole numbers of at least 1. @throws {SpeechError} `MODEL_INVALID` */
  pair(name: string): [number, number] {
    const [first, second, ...rest] = this.counts(name);
    if (first === undefined || second === undefined || rest.length > 0) {
      throw this.#invalid(name, 'a list of two whole numbers');
    }
    return [first, second];
  }

  /** A text that is not empty. @throws {SpeechError} `MODEL_INVALID` */
  text(name: string): string {
    const value = this.#fields[name];
    if (typeof value !== 'string' || value === '') {
      throw this.#invalid(name, 'a text');
    }
    return value;
  }

  #invalid(name: string, wanted: string): SpeechError {
    const path = this.#path;
    return new SpeechError('MODEL_INVALID', `${path}: ${name} must be ${wanted}.`, { path, name });
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}
