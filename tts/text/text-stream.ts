import { cleanText } from './clean.js';
import { findSentenceEnd } from './segmenter.js';
import type { Utterance } from './types.js';

/**
 * Speaks a clean sentence: its text, where each unit came from, the writing between two places, and how
 * much of its first line stands before it.
 */
export type SentenceSpeaker = (
  sentence: string,
  origins: readonly number[],
  written: (start: number, end: number) => string,
  column: number,
) => Promise<Utterance | undefined>;

/** UTF-16 units that are cleaned at once; a sentence and what must be seen of the next one are shorter. */
const CLEAN_STEP = 1024;

/** A clean sentence with what its speaker is told besides. */
type Source = Parameters<SentenceSpeaker>;

/** Text that arrives in pieces. A sentence comes out as soon as it is known to be whole. */
export class TextStream {
  readonly #speak: SentenceSpeaker;
  #given = '';
  /** Where `#given` begins in the whole text. */
  #givenStart = 0;
  #clean = '';
  #origins: number[] = [];
  #surrogate = '';
  /** How much of `#given` is in `#clean`. */
  #numCleaned = 0;
  /** How many characters of its first line stand before `#clean`. */
  #column = 0;
  /** What was spoken last, for {@link TextStream.reread}. */
  #last: Source | undefined;

  /** @param speak - Turns a clean sentence into an utterance. */
  constructor(speak: SentenceSpeaker) {
    this.#speak = speak;
  }

  /**
   * Takes more text.
   *
   * @param text - Any string; it may be cut anywhere.
   * @returns The sentences that are whole now.
   */
  async push(text: string): Promise<Utterance[]> {
    return await collect(this.read(text));
  }

  /**
   * Takes more text, as `push` does, and gives its sentences one by one: the first one of a long text
   * comes at once. A caller that stops early gets the others from the next call.
   *
   * @param text - Any string; it may be cut anywhere.
   * @returns The sentences that are whole now.
   */
  async *read(text: string): AsyncGenerator<Utterance> {
    const joined = this.#surrogate + text;
    // half a character waits for its other half
    const isCut = /[\ud800-\udbff]$/.test(joined);
    this.#surrogate = isCut ? joined.slice(-1) : '';
    yield* this.#sentences(isCut ? joined.slice(0, -1) : joined, false);
  }

  /**
   * Ends the text. What is pushed afterwards is another one; places in it are counted on.
   *
   * @returns The sentences that were still open.
   */
  async flush(): Promise<Utterance[]> {
    const rest = this.#surrogate;
    this.#surrogate = '';
    const utterances = await collect(this.#sentences(rest, true));
    this.#givenStart += this.#given.length;
    this.#given = '';
    this.#clean = '';
    this.#origins = [];
    this.#numCleaned = 0;
    this.#column = 0;
    return utterances;
  }

  /**
   * Reads the sentence whose end is not known yet, as if it ended here; it stays open. To be called when
   * all that was pushed is read.
   *
   * @returns Undefined if there is nothing of it yet.
   */
  async open(): Promise<Utterance | undefined> {
    const bracket = this.#clean.lastIndexOf('[[');
    // phones whose bracket is not closed yet would be read as text
    const isCut = bracket >= 0 && !this.#clean.includes(']]', bracket);
    const end = isCut ? bracket : this.#clean.length;
    return end === 0 ? undefined : await this.#speakUpTo(end);
  }

  /**
   * Reads the end of the sentence that was read last by itself.
   *
   * @param from - Where it begins, as `SpokenWord.start` counts.
   * @returns Undefined if there is nothing from there on.
   */
  async reread(from: number): Promise<Utterance | undefined> {
    const [sentence, origins, written, column] = this.#last ?? ['', [], () => '', 0];
    const start = origins.findIndex((origin) => origin >= from);
    if (start < 0) {
      return undefined;
    }
    return await this.#speak(sentence.slice(start), origins.slice(start), written, column + start);
  }

  /** Text is cleaned as far as the next sentence needs it, so that a long one begins at once. */
  async *#sentences(text: string, isLast: boolean): AsyncGenerator<Utterance> {
    this.#given += text;
    for (;;) {
      const isWhole = this.#numCleaned >= this.#given.length;
      const end = findSentenceEnd(this.#clean, 0, isLast && isWhole, this.#column);
      if (end >= 0) {
        const speaking = this.#speakUpTo(end);
        this.#drop(end);
        const utterance = await speaking;
        if (utterance !== undefined) {
          yield utterance;
        }
      } else if (isWhole) {
        return;
      } else {
        this.#cleanMore();
      }
    }
  }

  #cleanMore(): void {
    let end = this.#numCleaned + CLEAN_STEP;
    if (/[\ud800-\udbff]/.test(this.#given[end - 1] ?? '')) {
      end++;
    }
    const piece = this.#given.slice(this.#numCleaned, end);
    const { text, origins } = cleanText(piece, this.#givenStart + this.#numCleaned);
    this.#numCleaned += piece.length;
    this.#clean += text;
    for (const origin of origins) {
      this.#origins.push(origin);
    }
  }

  #speakUpTo(end: number): Promise<Utterance | undefined> {
    const given = this.#given;
    const base = this.#givenStart;
    this.#last = [
      this.#clean.slice(0, end),
      this.#origins.slice(0, end),
      (from, to) => given.slice(from - base, to - base),
      this.#column,
    ];
    return this.#speak(...this.#last);
  }

  #drop(count: number): void {
    if (count === 0) {
      return;
    }
    const keptFrom = this.#origins[count] ?? this.#givenStart + this.#numCleaned;
    const line = this.#clean.lastIndexOf('\n', count - 1);
    this.#column = line < 0 ? this.#column + count : count - line - 1;
    this.#numCleaned -= keptFrom - this.#givenStart;
    this.#clean = this.#clean.slice(count);
    this.#origins = this.#origins.slice(count);
    this.#given = this.#given.slice(keptFrom - this.#givenStart);
    this.#givenStart = keptFrom;
  }
}

async function collect(utterances: AsyncIterable<Utterance>): Promise<Utterance[]> {
  const all: Utterance[] = [];
  for await (const utterance of utterances) {
    all.push(utterance);
  }
  return all;
}
