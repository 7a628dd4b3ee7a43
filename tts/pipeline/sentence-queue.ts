import { SpeechError } from '../../base/errors.js';
import type { TextStream, Utterance } from '../text/index.js';
import { Sentence } from './sentence.js';

/** More is read when fewer phones than this wait to be spoken. */
const MIN_PHONES_AHEAD = 300;

/** A piece of text. */
export type TextPush = {
  /** Joined to what came before as it is. */
  text: string;
  /** Nothing follows. */
  isLast: boolean;
  /** Ends the sentence and has itself told once all before it is spoken: the number of a flush. */
  flush?: number;
  /** Whether that flush is to be told with a snapshot. */
  hasSnapshot?: boolean;
};

/** How a {@link SentenceQueue} reads. */
export type SentenceQueueOptions = {
  /** Whether a sentence is begun before its end is known, and a text may have nothing to speak. */
  isLive: boolean;
  /** See {@link Sentence}. */
  reach: number;
  /** Whether speech came before this text; false by default. */
  isContinued?: boolean;
};

/** A place in the text that is told of once everything before it is spoken. */
export type DueFlush = { flush: number; hasSnapshot: boolean };

/** What reading brings to light: a sentence, as far as it is known, or the place of a flush. */
type Found = { utterance: Utterance; isWhole: boolean } | DueFlush;

/**
 * The sentences of a text, read a little ahead of being spoken: a long text begins at once, and never
 * stands in memory as phones.
 */
export class SentenceQueue {
  readonly #text: TextStream;
  readonly #options: SentenceQueueOptions;
  readonly #waiting: (Sentence | DueFlush)[] = [];
  /** What was pushed and is not read to its end. */
  readonly #pushes: TextPush[] = [];
  #reading: AsyncGenerator<Found, void, undefined> | undefined;
  #ahead: Promise<void> | undefined;
  #error: unknown;
  /** The sentence whose end is not known yet. */
  #open: Sentence | undefined;
  /** Where the text ends that was settled of sentences before, in UTF-16 units. */
  #settledEnd = 0;
  #isLastPushed = false;
  #hasAny: boolean;

  /**
   * @param text - Turns the text into phones; nothing else may use it.
   * @param options - How it is read.
   */
  constructor(text: TextStream, options: SentenceQueueOptions) {
    this.#text = text;
    this.#options = options;
    this.#hasAny = options.isContinued ?? false;
  }

  /** The sentence to be spoken now; undefined if none is read, or a flush comes first. */
  get first(): Sentence | undefined {
    const [first] = this.#waiting;
    return first instanceof Sentence ? first : undefined;
  }

  /** The flush before which everything was spoken. */
  get dueFlush(): DueFlush | undefined {
    const [first] = this.#waiting;
    return first instanceof Sentence ? undefined : first;
  }

  /** Whether there was any sentence so far. */
  get hasAny(): boolean {
    return this.#hasAny;
  }

  /** Whether {@link readAhead} has something to do before the next sentence is known. */
  get isUnread(): boolean {
    return this.#pushes.length > 0 || this.#reading !== undefined || this.#error !== undefined;
  }

  /** Whether everything was read that was pushed, and too little of it waits. */
  get needsText(): boolean {
    return !this.isUnread && !this.#isLastPushed && !this.#isFull();
  }

  /** Whether the text is over: no sentence waits, and none comes. */
  get isOver(): boolean {
    return this.#isLastPushed && !this.isUnread && this.#waiting.length === 0;
  }

  /**
   * Takes more text and reads its beginning.
   *
   * @throws {SpeechError} See {@link readAhead}.
   */
  async push(push: TextPush): Promise<void> {
    this.#isLastPushed = push.isLast;
    this.#pushes.push(push);
    await this.readAhead();
  }

  /**
   * Reads on until enough phones wait.
   *
   * @throws {SpeechError} `TEXT_EMPTY` if the whole text has nothing to speak and is not live; what the
   * text front end throws. It is thrown again by each later call.
   */
  async readAhead(): Promise<void> {
    this.#ahead ??= this.#readOn().finally(() => {
      this.#ahead = undefined;
    });
    await this.#ahead;
  }

  /** Drops the first sentence or flush, which is done. */
  shift(): void {
    this.#waiting.shift();
  }

  async #readOn(): Promise<void> {
    if (this.#error !== undefined) {
      throw this.#error as Error;
    }
    try {
      while (!this.#isFull()) {
        const push = this.#reading === undefined ? this.#pushes.shift() : undefined;
        this.#reading ??= push && this.#read(push);
        if (this.#reading === undefined) {
          return;
        }
        const { done, value } = await this.#reading.next();
        if (done === true) {
          this.#reading = undefined;
          this.#checkAny();
        } else if ('flush' in value) {
          this.#waiting.push(value);
        } else {
          await this.#take(value.utterance, value.isWhole);
        }
      }
    } catch (error) {
      this.#error = error;
      throw error;
    }
  }

  #isFull(): boolean {
    const lengths = this.#waiting.map((entry) => (entry instanceof Sentence ? entry.length : 0));
    return lengths.reduce((sum, length) => sum + length, 0) >= MIN_PHONES_AHEAD;
  }

  #checkAny(): void {
    const isRead = this.#isLastPushed && this.#pushes.length === 0;
    if (isRead && !this.#hasAny && !this.#options.isLive) {
      throw new SpeechError('TEXT_EMPTY', 'text has no words; it must hold something to speak.');
    }
  }

  async *#read({
    text,
    isLast,
    flush,
    hasSnapshot = false,
  }: TextPush): AsyncGenerator<Found, void, undefined> {
    for await (const utterance of this.#text.read(text)) {
      yield { utterance, isWhole: true };
    }
    if (isLast || flush !== undefined) {
      for (const utterance of await this.#text.flush()) {
        yield { utterance, isWhole: true };
      }
    } else if (this.#options.isLive) {
      const utterance = await this.#text.open();
      if (utterance !== undefined) {
        yield { utterance, isWhole: false };
      }
    }
    if (flush !== undefined) {
      yield { flush, hasSnapshot };
    }
  }

  async #take(utterance: Utterance, isWhole: boolean): Promise<void> {
    const sentence = this.#open ?? new Sentence(!this.#hasAny, this.#options.reach);
    this.#open = isWhole ? undefined : sentence;
    const isSettled = utterance.words[0]!.start < this.#settledEnd;
    if (isSettled && sentence.length === 0) {
      // the sentence before was settled beyond where it was cut in the end
      const rest = await this.#text.reread(this.#settledEnd);
      if (rest !== undefined) {
        sentence.take(rest, isWhole);
      }
    } else if (!sentence.take(utterance, isWhole)) {
      sentence.append(await this.#text.reread(this.#settledEnd), isWhole);
    }
    this.#settledEnd = Math.max(this.#settledEnd, sentence.end);
    if (sentence.hasSpeech && !this.#waiting.includes(sentence) && !sentence.isBegun) {
      this.#waiting.push(sentence);
      this.#hasAny = true;
    }
  }
}
