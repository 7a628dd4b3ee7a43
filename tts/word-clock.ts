import type { WordTime } from './types.js';

/** Turns the path of the pointer over the phones into times of words. */
export class WordClock {
  readonly #ended: WordTime[] = [];
  #current: { index: number; word: string; startSeconds: number } | undefined;

  /**
   * Tells which word is being spoken from now on.
   *
   * @param seconds - Time in the audio; never less than in the call before.
   * @param index - Number of the word in its sentence; negative in a pause.
   * @param word - As it was written.
   */
  observe(seconds: number, index: number, word: string | undefined): void {
    if (this.#current?.index === index) {
      return;
    }
    this.end(seconds);
    if (index >= 0 && word !== undefined) {
      this.#current = { index, word, startSeconds: seconds };
    }
  }

  /** Ends the word that is being spoken, if there is one. @param seconds - Time in the audio. */
  end(seconds: number): void {
    if (this.#current !== undefined) {
      const { word, startSeconds } = this.#current;
      this.#ended.push({ word, startSeconds, endSeconds: Math.max(startSeconds, seconds) });
      this.#current = undefined;
    }
  }

  /**
   * Takes the words that ended, in order.
   *
   * @param seconds - Only those that ended by this time.
   */
  take(seconds: number): WordTime[] {
    let count = 0;
    while (count < this.#ended.length && this.#ended[count]!.endSeconds <= seconds) {
      count++;
    }
    return this.#ended.splice(0, count);
  }
}
