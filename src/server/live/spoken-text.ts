import type { TextMark } from '../../../tts/types.js';

/** What was heard of a text, and what was not. */
export type TextSplit = {
  /** Ends with the last word that was heard to its end. */
  spoken: string;
  /** The rest, as it was pushed; together they are the text. */
  remaining: string;
};

/** The text of one live speech, and when which part of it is spoken. */
export class SpokenText {
  // two lists of numbers rather than one of marks: an hour of speech has some 40,000
  readonly #offsets: number[] = [];
  readonly #seconds: number[] = [];
  #text = '';

  /** Length of the text so far, in UTF-16 units. */
  get length(): number {
    return this.#text.length;
  }

  /** UTF-16 units whose time is not known yet. */
  get numPending(): number {
    return this.#text.length - (this.#offsets.at(-1) ?? 0);
  }

  /** Takes text, which is joined to what came before. */
  push(text: string): void {
    this.#text += text;
  }

  /** Takes a mark; none may lie before the last one in text or time. */
  mark({ offset, seconds }: TextMark): void {
    this.#offsets.push(offset);
    this.#seconds.push(seconds);
  }

  /**
   * Divides the text at a time.
   *
   * @param seconds - From the start of the speech.
   * @returns The text before and after; a word that was not heard to its end is after.
   */
  split(seconds: number): TextSplit {
    const offset = this.#endOfWord(this.#offsetAt(seconds));
    return { spoken: this.#text.slice(0, offset), remaining: this.#text.slice(offset) };
  }

  /** Between two marks, characters take the same time each; after the last one nothing is known. */
  #offsetAt(seconds: number): number {
    const next = this.#seconds.findIndex((candidate) => candidate > seconds);
    if (next < 0) {
      return this.#offsets.at(-1) ?? 0;
    }
    const start = this.#seconds[next - 1];
    if (start === undefined) {
      return 0;
    }
    const from = this.#offsets[next - 1]!;
    const share = (seconds - start) / (this.#seconds[next]! - start);
    return Math.floor(from + share * (this.#offsets[next]! - from));
  }

  /** The end of the last whole word before a place in the text. */
  #endOfWord(offset: number): number {
    const isInside = (index: number) => /\S/.test(this.#text.charAt(index));
    let end = offset;
    if (end < this.#text.length && isInside(end)) {
      while (end > 0 && isInside(end - 1)) {
        end--;
      }
    }
    while (end > 0 && !isInside(end - 1)) {
      end--;
    }
    return end;
  }
}
