import type { TextMark } from '../types.js';

/** Notes how far the text was spoken at what time. */
export class TextTrack {
  readonly #marks: TextMark[] = [];
  #offset = -1;

  /**
   * Notes where speech stands.
   *
   * @param seconds - Time in the audio; never less than in the call before.
   * @param offset - UTF-16 units of the text before it; one that was reached before is not noted again.
   */
  observe(seconds: number, offset: number): void {
    if (offset > this.#offset) {
      this.#offset = offset;
      this.#marks.push({ offset, seconds });
    }
  }

  /**
   * Takes the marks that were reached, in order.
   *
   * @param seconds - Only those reached by this time.
   */
  take(seconds: number): TextMark[] {
    const count = this.#marks.findIndex((mark) => mark.seconds > seconds);
    return this.#marks.splice(0, count < 0 ? this.#marks.length : count);
  }
}
