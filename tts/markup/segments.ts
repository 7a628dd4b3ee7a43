import { SpeechError } from '../../base/errors.js';
import type { SpeechSegment } from '../types.js';

/** What a document says, and what of it was passed over. */
export type ParsedDocument = {
  segments: SpeechSegment[];
  /** Sentences for people, each once. They name elements, never text. */
  warnings: string[];
};

/** Who speaks and how fast; both as in `SpeechSegment`. */
export type SegmentStyle = { voice?: string; speed?: number };

/** Longest document in UTF-16 units; its tree takes up to a hundred times as many bytes. */
export const MAX_DOCUMENT_LENGTH = 2_000_000;

/** From here on a pause is silence, below it is what a comma makes, in seconds. */
const MIN_SILENCE_SECONDS = 0.25;
/** Longest pause at one place, and longest of a document, in seconds. */
const MAX_PAUSE_SECONDS = 20;
const MAX_TOTAL_PAUSE_SECONDS = 600;
const MAX_WARNINGS = 20;
/** As much of the end of the text as the questions about it need. */
const TAIL_LENGTH = 8;

const ENDS_SENTENCE = /[.!?…:;。！？]["')\]}”’»]*$/;
const ENDS_PHRASE = /[,.!?…:;。！？、，]["')\]}”’»]*$/;

/**
 * Checks the length of a document.
 *
 * @param text - The document.
 * @throws {SpeechError} `TEXT_TOO_LONG` above {@link MAX_DOCUMENT_LENGTH}.
 */
export function checkDocumentLength(text: string): void {
  if (text.length > MAX_DOCUMENT_LENGTH) {
    throw new SpeechError(
      'TEXT_TOO_LONG',
      `input has ${text.length} characters; a document may have at most ${MAX_DOCUMENT_LENGTH}.`,
      { numCharacters: text.length, maxCharacters: MAX_DOCUMENT_LENGTH },
    );
  }
}

/** Collects what a document says, in order, and cuts it into segments. */
export class SegmentBuilder {
  readonly #segments: SpeechSegment[] = [];
  readonly #warnings = new Set<string>();
  /** Not one string, since looking at the end of a growing one copies it each time. */
  #parts: string[] = [];
  #tail = '';
  #style: SegmentStyle = {};
  #hasSpace = false;
  #isAfterWord = false;
  /** Whether the text ends in a comma that we put there. */
  #hasComma = false;
  /** Whether the last segment does. */
  #endsInComma = false;
  #totalPauseSeconds = 0;

  /** Adds running text; white space counts as in HTML. @param text - Any string. */
  text(text: string): void {
    const core = text.trim();
    if (core === '') {
      this.#hasSpace ||= text !== '';
      return;
    }
    this.#hasSpace ||= /^\s/.test(text) || (this.#isAfterWord && /^[\p{L}\p{N}[]/u.test(core));
    this.#append(core.replace(/\s+/g, ' '));
    this.#hasSpace = /\s$/.test(text);
  }

  /** Adds text that stands by itself, such as `[[phones]]`. @param text - Any string. */
  word(text: string): void {
    if (text.trim() === '') {
      return;
    }
    this.#hasSpace ||= /[\p{L}\p{N}\]]$/u.test(this.#tail);
    this.text(text);
    this.#isAfterWord = true;
  }

  /** Makes a comma's pause, unless a mark makes one already. */
  comma(): void {
    if (this.#tail !== '' && !this.#tail.endsWith('\n') && !ENDS_PHRASE.test(this.#tail)) {
      this.#push(',');
      this.#hasComma = true;
    }
    this.#hasSpace = true;
  }

  /** Ends a line: a comma's pause, or an end of the sentence if nothing stood on it. */
  lineBreak(): void {
    if (this.#hasComma) {
      this.endSentence();
    } else {
      this.comma();
    }
  }

  /** Ends a sentence and a paragraph. */
  endSentence(): void {
    if (this.#hasComma) {
      this.#dropLast();
    }
    if (this.#tail !== '' && !this.#tail.endsWith('\n')) {
      this.#push(ENDS_SENTENCE.test(this.#tail) ? '\n\n' : '.\n\n');
    }
    this.#hasSpace = false;
  }

  /**
   * Makes a pause.
   *
   * @param seconds - At least 0. Below 0.25 it is a comma's; above 20, or where a document's pauses
   * exceed ten minutes, it is shortened with a warning.
   */
  pause(seconds: number): void {
    if (seconds < MIN_SILENCE_SECONDS) {
      if (seconds > 0) {
        this.comma();
      }
      return;
    }
    const left = MAX_TOTAL_PAUSE_SECONDS - this.#totalPauseSeconds;
    const allowed = Math.min(seconds, MAX_PAUSE_SECONDS, left);
    if (allowed < seconds) {
      this.warn(
        `Pauses are at most ${MAX_PAUSE_SECONDS} s each and ${MAX_TOTAL_PAUSE_SECONDS} s in all; longer ones were shortened.`,
      );
    }
    this.#totalPauseSeconds += allowed;
    this.comma();
    this.#cut();
    const last = this.#segments.at(-1);
    if (last === undefined) {
      this.#segments.push({ text: '', pauseSeconds: allowed });
    } else {
      last.pauseSeconds = (last.pauseSeconds ?? 0) + allowed;
    }
  }

  /** What is in force now. */
  get style(): SegmentStyle {
    return this.#style;
  }

  /** Changes voice and speed. @param style - Replaces what was in force. */
  setStyle(style: SegmentStyle): void {
    if (style.voice !== this.#style.voice || style.speed !== this.#style.speed) {
      // another speaker begins a sentence of their own; another pace goes on with it
      if (style.voice !== this.#style.voice) {
        this.endSentence();
      } else {
        this.comma();
      }
      this.#cut();
      this.#style = style;
    }
  }

  /** Adds a warning. @param warning - A sentence; the same one counts once, the 21st not at all. */
  warn(warning: string): void {
    if (this.#warnings.size < MAX_WARNINGS) {
      this.#warnings.add(warning);
    }
  }

  /** @returns Everything; the builder is then used up. */
  finish(): ParsedDocument {
    if (this.#hasComma) {
      this.#dropLast();
    }
    this.#cut();
    const last = this.#segments.at(-1);
    if (this.#endsInComma && last !== undefined && last.pauseSeconds === undefined) {
      last.text = last.text.slice(0, -1);
    }
    return { segments: this.#segments, warnings: [...this.#warnings] };
  }

  #append(text: string): void {
    if (this.#hasSpace && this.#tail !== '' && !this.#tail.endsWith('\n')) {
      this.#push(' ');
    }
    this.#push(text);
    this.#isAfterWord = false;
  }

  #push(text: string): void {
    this.#hasComma = false;
    this.#parts.push(text);
    this.#tail = (this.#tail + text.slice(-TAIL_LENGTH)).slice(-TAIL_LENGTH);
  }

  #dropLast(): void {
    this.#hasComma = false;
    this.#parts.pop();
    this.#tail = this.#tail.slice(0, -1);
  }

  #cut(): void {
    const text = this.#parts.join('').trim();
    if (text !== '') {
      this.#segments.push({ text, ...this.#style });
      this.#endsInComma = this.#hasComma;
    }
    this.#parts = [];
    this.#tail = '';
    this.#hasSpace = false;
    this.#isAfterWord = false;
    this.#hasComma = false;
  }
}
