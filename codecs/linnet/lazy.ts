import { SpeechError } from '../../base/errors.js';

/** A network that is loaded when it is first used: who only encodes need not wait for the decoder. */
export class Lazy<T extends { close(): Promise<void> }> {
  readonly #load: () => Promise<T>;
  #value: Promise<T> | undefined;
  #isClosed = false;

  /** @param load - Loads it; called again if it failed before. */
  constructor(load: () => Promise<T>) {
    this.#load = load;
  }

  /** Loads it now, or waits for it. @throws {SpeechError} `ENGINE_CLOSED` after {@link close}. */
  get(): Promise<T> {
    if (this.#isClosed) {
      return Promise.reject(new SpeechError('ENGINE_CLOSED', 'The codec was closed.'));
    }
    this.#value ??= this.#load().catch((error: unknown) => {
      this.#value = undefined;
      throw error;
    });
    return this.#value;
  }

  /** Frees it if it was loaded. Safe to call twice. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const value = await this.#value?.catch(() => undefined);
    await value?.close();
  }
}
