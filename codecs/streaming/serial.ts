import { SpeechError } from '../../base/errors.js';

/** Runs one stream's calls one after the other, in the order in which they were made. */
export class Serial {
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  /**
   * @param task - Runs when every earlier task has ended, whether or not it failed.
   * @returns What `task` returns.
   * @throws {SpeechError} `STATE_INVALID` after {@link close}.
   */
  run<T>(task: () => T | Promise<T>): Promise<T> {
    if (this.#closed) {
      return Promise.reject(
        new SpeechError('STATE_INVALID', 'The stream is closed; open a new one.'),
      );
    }
    return this.#enqueue(task);
  }

  /**
   * Lets no further task in.
   *
   * @param task - The last task, run once, however often this is called.
   */
  async close(task: () => void | Promise<void>): Promise<void> {
    if (this.#closed) {
      await this.#last;
      return;
    }
    this.#closed = true;
    await this.#enqueue(task);
  }

  #enqueue<T>(task: () => T | Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    // a failed task must not fail the next one
    this.#last = result.catch(() => undefined);
    return result;
  }
}
