import type { TextMark } from '../../../tts/types.js';

/** When each character of a stretch of audio begins and how long it lasts. */
export type Alignment = {
  /** Unicode characters, not UTF-16 units. */
  characters: string[];
  /** Whole ms from the start of the stretch, ascending. */
  startsMs: number[];
  /** Whole ms; the last character lasts until the end of the stretch. */
  durationsMs: number[];
  /** Where the stretch begins, in whole ms from the start of the speech. */
  originMs: number;
};

type TimedCharacter = { character: string; seconds: number };

/**
 * Turns the marks of a speech into times of characters.
 *
 * Between two marks characters are spread evenly. So a character is known once a mark after it is:
 * those behind the last mark wait, and if a stretch was taken meanwhile they begin in the next one, at
 * its start at the earliest. Each character comes once, in order, in the stretch in which it begins;
 * the stretches follow each other without a gap, so that the ends of their last characters add up to
 * the length of the audio.
 */
export class CharacterClock {
  /** Text that was pushed, from `#offset` on. */
  #text = '';
  /** Where in the whole text `#text` begins, in UTF-16 units. */
  #offset = 0;
  /** The last mark. */
  #mark: TextMark = { offset: 0, seconds: 0 };
  #known: TimedCharacter[] = [];
  /** Whether what was taken last ended within a word. */
  #hasOpenWord = false;
  #audioSeconds = 0;
  #takenMs = 0;

  /**
   * Takes more text.
   *
   * @param text - Joined to what came before.
   */
  pushText(text: string): void {
    this.#text += text;
  }

  /**
   * Takes what is known of more audio.
   *
   * @param endSeconds - Where all audio so far ends.
   * @param marks - The marks that came with it, ascending; none lies behind its end.
   */
  pushAudio(endSeconds: number, marks: readonly TextMark[]): void {
    this.#audioSeconds = Math.max(this.#audioSeconds, endSeconds);
    for (const mark of marks) {
      this.#pass(mark);
      // the character at the mark is known at once; several marks may lie within one
      const [character] = this.#text;
      if (character !== undefined && this.#offset === mark.offset) {
        this.#tell(character, mark.seconds);
      }
    }
  }

  /**
   * Says that a part of the text has been spoken, with the audio so far.
   *
   * @param offset - UTF-16 units of text that lie before its end; all text by default.
   */
  complete(offset: number = this.#offset + this.#text.length): void {
    this.#pass({ offset, seconds: this.#audioSeconds });
  }

  /** Whether a character can be taken. */
  get hasCharacters(): boolean {
    return this.#known.length > 0;
  }

  /** Whether what can be taken holds the space after a word, which may have begun before. */
  get endsWord(): boolean {
    const spaces = this.#known.map(({ character }) => character === ' ');
    const first = this.#hasOpenWord ? 0 : spaces.indexOf(false);
    return first >= 0 && spaces.includes(true, first);
  }

  /**
   * Takes the stretch from the end of the last one to the end of the audio so far.
   *
   * @returns Its characters; none if none is known.
   */
  take(): Alignment {
    const known = this.#known;
    this.#known = [];
    if (known.length > 0) {
      this.#hasOpenWord = known.at(-1)!.character !== ' ';
    }
    const originMs = this.#takenMs;
    const endMs = Math.round(this.#audioSeconds * 1000);
    this.#takenMs = endMs;
    const startsMs = known.map(
      ({ seconds }) => Math.min(Math.max(Math.round(seconds * 1000), originMs), endMs) - originMs,
    );
    return {
      characters: known.map(({ character }) => character),
      startsMs,
      durationsMs: startsMs.map(
        (start, index) => (startsMs[index + 1] ?? endMs - originMs) - start,
      ),
      originMs,
    };
  }

  /** Times the characters between the last mark and this one. */
  #pass(mark: TextMark): void {
    const { offset, seconds } = this.#mark;
    const secondsPerUnit = (mark.seconds - seconds) / Math.max(1, mark.offset - offset);
    for (const character of this.#text.slice(0, Math.max(0, mark.offset - this.#offset))) {
      this.#tell(character, seconds + (this.#offset - offset) * secondsPerUnit);
    }
    this.#mark = mark;
  }

  #tell(character: string, seconds: number): void {
    this.#known.push({ character, seconds });
    this.#text = this.#text.slice(character.length);
    this.#offset += character.length;
  }
}
