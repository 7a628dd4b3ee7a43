import { readFile } from 'node:fs/promises';
import { SpeechError } from '../base/errors.js';

/** A model's `config.json`, read key by key. */
export class ModelConfig {
  readonly #path: string;
  readonly #values: Readonly<Record<string, unknown>>;

  /** @param values - The parsed JSON. @param path - What errors call it. */
  constructor(values: Readonly<Record<string, unknown>>, path: string) {
    this.#values = values;
    this.#path = path;
  }

  /**
   * Reads a configuration.
   *
   * @param path - The file.
   * @throws {SpeechError} `FILE_NOT_FOUND`; `MODEL_INVALID` if it is not a JSON object.
   */
  static async read(path: string): Promise<ModelConfig> {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (cause) {
      throw new SpeechError('FILE_NOT_FOUND', `${path} cannot be read.`, { path }, { cause });
    }
    let values: unknown;
    try {
      values = JSON.parse(text);
    } catch (cause) {
      throw new SpeechError('MODEL_INVALID', `${path} is not JSON.`, { path }, { cause });
    }
    if (typeof values !== 'object' || values === null) {
      throw new SpeechError('MODEL_INVALID', `${path} is not a JSON object.`, { path });
    }
    return new ModelConfig(values as Record<string, unknown>, path);
  }

  /** A positive number. @param key - Its name. @throws {SpeechError} `MODEL_INVALID`. */
  number(key: string): number {
    const value = this.#values[key];
    if (typeof value !== 'number' || !(value > 0)) {
      throw this.#invalid(key, 'a positive number');
    }
    return value;
  }

  /** A list of strings. @param key - Its name. @throws {SpeechError} `MODEL_INVALID`. */
  strings(key: string): string[] {
    const value = this.#values[key];
    if (!Array.isArray(value) || !value.every((entry) => typeof entry === 'string')) {
      throw this.#invalid(key, 'a list of strings');
    }
    return value;
  }

  /**
   * The ids of a model's voices, in the order of its rows.
   *
   * @throws {SpeechError} `MODEL_INVALID`.
   */
  voiceIds(): string[] {
    const voices = this.#values['voices'];
    const ids = Array.isArray(voices)
      ? voices.map((voice) => (voice as { id?: unknown } | null)?.id)
      : [];
    if (ids.length === 0 || !ids.every((id) => typeof id === 'string')) {
      throw this.#invalid('voices', 'a list of voices with an id');
    }
    return ids;
  }

  #invalid(key: string, wanted: string): SpeechError {
    return new SpeechError('MODEL_INVALID', `${this.#path}: ${key} must be ${wanted}.`, { key });
  }
}

/**
 * Finds a voice's row in a model.
 *
 * @param ids - The model's voices, in the order of its rows.
 * @param voice - Id of a voice.
 * @throws {SpeechError} `VOICE_UNKNOWN`.
 */
export function findVoiceRow(ids: readonly string[], voice: string): number {
  const row = ids.indexOf(voice);
  if (row < 0) {
    throw new SpeechError(
      'VOICE_UNKNOWN',
      `The model has no such voice; it has ${ids.join(', ')}.`,
    );
  }
  return row;
}
