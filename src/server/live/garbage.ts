import { SpeechError } from '../../../base/errors.js';

/** Messages that cannot be understood, after which a socket is closed. */
const MAX_MESSAGES = 20;

/** Counts what a client says that cannot be understood. */
export class GarbageCount {
  #numMessages = 0;

  /**
   * Counts one more.
   *
   * @throws {SpeechError} `BODY_INVALID` at the last one that is borne.
   */
  add(): void {
    this.#numMessages++;
    if (this.#numMessages >= MAX_MESSAGES) {
      throw new SpeechError(
        'BODY_INVALID',
        `${this.#numMessages} messages could not be understood; the socket is closed.`,
      );
    }
  }
}
