import type { WordTime } from '../types.js';

/** Turns the path of the pointer over the phones into times of words. */
export class WordClock {
  readonly #ended: WordTime[] = [];
  /** Words of the sentence that are behind us. */
  #numSeen = 0;
  #current: { index: number; word: string; startSeconds: number } | undefined;

  /**
   * Tells which word is being spoken from now on. Words that were passed over, because the pointer
   * jumped, are given too, at the moment of the jump.
   *
   * @param seconds - Time in the audio; never less than in the call before.
   * @param index - Number of the word in its sentence; negative in a pause.
   * @param words - The words of the sentence, as they were written.
   */
  observe(seconds: number, index: number, words: readonly { text: string }[]): void {
    if (this.#current?.index === index) {
      return;
    }
    this.#endWord(seconds);
    if (index >= this.#numSeen) {
      this.#pass(seconds, index, words);
      this.#numSeen = index + 1;
      this.#current = { index, word: words[index]?.text ?? '', startSeconds: seconds };
    }
  }

  /**
   * Ends a sentence; the numbers of the words begin at 0 again.
   *
   * @param seconds - Time in the audio.
   * @param words - All words of the sentence.
   */
  endSentence(seconds: number, words: readonly { text: string }[]): void {
    this.#endWord(seconds);
    this.#pass(seconds, words.length, words);
    this.#numSeen = 0;
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

  #endWord(seconds: number): void {
    if (this.#current !== undefined) {
      const { word, startSeconds } = this.#current;
      this.#ended.push({ word, startSeconds, endSeconds: Math.max(startSeconds, seconds) });
      this.#current = undefined;
    }
  }

  #pass(seconds: number, end: number, words: readonly { text: string }[]): void {
    for (; this.#numSeen < end; this.#numSeen++) {
      const word = words[this.#numSeen]?.text ?? '';
      this.#ended.push({ word, startSeconds: seconds, endSeconds: seconds });
    }
  }
}
