import { SpeechError } from '../../base/errors.js';
import type { TextStream, Utterance } from '../text/index.js';
import { Sentence } from './sentence.js';

/** More is read when fewer phones than this wait to be spoken. */
const MIN_PHONES_AHEAD = 300;

/**
 * The sentences of a text, read a little ahead of being spoken: a long text begins at once, and never
 * stands in memory as phones.
 */
export class SentenceQueue {
  readonly #text: TextStream;
  readonly #waiting: Sentence[] = [];
  #numPhones = 0;
  /** What was pushed and is not read to its end. */
  #unread: AsyncGenerator<Utterance, void, undefined> | undefined;
  #ahead: Promise<void> | undefined;
  #error: unknown;
  #isLastPushed = false;
  #hasAny = false;

  /** @param text - Turns the text into phones; nothing else may use it. */
  constructor(text: TextStream) {
    this.#text = text;
  }

  /** The sentence to be spoken now; undefined if none is read. */
  get first(): Sentence | undefined {
    return this.#waiting[0];
  }

  /** Whether there was any sentence so far. */
  get hasAny(): boolean {
    return this.#hasAny;
  }

  /** Whether {@link readAhead} has something to do before the next sentence is known. */
  get isUnread(): boolean {
    return this.#unread !== undefined || this.#error !== undefined;
  }

  /** Whether everything was read that was pushed, and too little of it waits. */
  get needsText(): boolean {
    return !this.isUnread && !this.#isLastPushed && this.#numPhones < MIN_PHONES_AHEAD;
  }

  /** Whether the text is over: no sentence waits, and none comes. */
  get isOver(): boolean {
    return this.#isLastPushed && !this.isUnread && this.#waiting.length === 0;
  }

  /**
   * Takes more text and reads its beginning.
   *
   * @param text - Joined to what came before as it is.
   * @param isLast - Nothing follows.
   * @throws {SpeechError} See {@link readAhead}.
   */
  async push(text: string, isLast: boolean): Promise<void> {
    this.#isLastPushed = isLast;
    this.#unread = this.#read(text, isLast);
    await this.readAhead();
  }

  /**
   * Reads on until enough phones wait.
   *
   * @throws {SpeechError} `TEXT_EMPTY` if the whole text has nothing to speak; what the text front end
   * throws. It is thrown again by each later call.
   */
  async readAhead(): Promise<void> {
    this.#ahead ??= this.#readOn().finally(() => {
      this.#ahead = undefined;
    });
    await this.#ahead;
  }

  /** Drops the first sentence, which was spoken. */
  shift(): void {
    this.#numPhones -= this.#waiting.shift()?.length ?? 0;
  }

  async #readOn(): Promise<void> {
    if (this.#error !== undefined) {
      throw this.#error as Error;
    }
    try {
      while (this.#unread !== undefined && this.#numPhones < MIN_PHONES_AHEAD) {
        await this.#readSentence(this.#unread);
      }
    } catch (error) {
      this.#error = error;
      throw error;
    }
  }

  async #readSentence(unread: AsyncGenerator<Utterance, void, undefined>): Promise<void> {
    const { done, value } = await unread.next();
    if (done === true) {
      // more may have been pushed in the meantime
      this.#unread = this.#unread === unread ? undefined : this.#unread;
      if (this.#unread === undefined && this.#isLastPushed && !this.#hasAny) {
        throw new SpeechError('TEXT_EMPTY', 'text has no words; it must hold something to speak.');
      }
      return;
    }
    const sentence = new Sentence(value, !this.#hasAny);
    if (sentence.hasSpeech) {
      this.#waiting.push(sentence);
      this.#numPhones += sentence.length;
      this.#hasAny = true;
    }
  }

  /** The stream gives what was left unread of an earlier text first. */
  async *#read(text: string, isLast: boolean): AsyncGenerator<Utterance, void, undefined> {
    yield* this.#text.read(text);
    if (isLast) {
      yield* await this.#text.flush();
    }
  }
}
