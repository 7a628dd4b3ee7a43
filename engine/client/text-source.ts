import { SpeechError } from '../../base/errors.js';

/** Characters handed on at a time, so that a text of any length costs constant memory. */
const PIECE_LENGTH = 2000;

/** Has the engine speak what came before, as `SpeechContext.flush` does. */
export type Flush = { flush: number; hasSnapshot: boolean };

/** What comes next of a text. */
export type TextPiece = { text: string; isLast: boolean } & Partial<Flush>;

/** Text that is read piece by piece, at the reader's pace. */
export class TextSource {
  #pieces: AsyncIterator<string | Flush> | undefined;
  #text = '';
  #offset = 0;

  /**
   * @param text - A whole text, or one that is still arriving.
   * @throws {SpeechError} `OPTION_INVALID` if it is neither.
   */
  constructor(text: string | AsyncIterable<string | Flush>) {
    const given: unknown = text;
    if (typeof text === 'string') {
      this.#text = text;
    } else if (isAsyncIterable(given)) {
      this.#pieces = given[Symbol.asyncIterator]();
    } else {
      throw new SpeechError(
        'OPTION_INVALID',
        `text is of type ${typeof given}; it must be a string or an async iterable of strings.`,
      );
    }
  }

  /**
   * Takes what is known at once.
   *
   * @returns As {@link read} does; no text if it is still arriving.
   */
  first(): TextPiece {
    return this.#pieces === undefined ? this.#take() : { text: '', isLast: false };
  }

  /**
   * Reads on.
   *
   * @returns At most 2000 characters, perhaps none; `isLast` when nothing follows; `flush` with no text
   * where the iterable has one. No surrogate pair is cut that was whole.
   * @throws Whatever the iterable throws; `OPTION_INVALID` if it yields anything but a string.
   */
  async read(): Promise<TextPiece> {
    while (this.#pieces !== undefined && this.#offset >= this.#text.length) {
      const { done, value } = (await this.#pieces.next()) as IteratorResult<unknown, unknown>;
      if (done === true) {
        this.#pieces = undefined;
        break;
      }
      if (isFlush(value)) {
        return { text: '', isLast: false, ...value };
      }
      if (typeof value !== 'string') {
        throw new SpeechError(
          'OPTION_INVALID',
          `text yielded a value of type ${typeof value}; every piece must be a string.`,
        );
      }
      this.#text = value;
      this.#offset = 0;
    }
    return this.#take();
  }

  /** Tells the iterable that nobody reads on. Errors it may throw then concern nobody. */
  close(): void {
    const pieces = this.#pieces;
    this.#pieces = undefined;
    this.#text = '';
    this.#offset = 0;
    // a generator that is waiting for its next piece answers only after it; nobody waits here
    void Promise.resolve(pieces?.return?.()).catch(() => undefined);
  }

  #take(): TextPiece {
    let end = Math.min(this.#offset + PIECE_LENGTH, this.#text.length);
    if (end < this.#text.length && isHighSurrogate(this.#text.charCodeAt(end - 1))) {
      end++;
    }
    const text = this.#text.slice(this.#offset, end);
    this.#offset = end;
    return { text, isLast: this.#pieces === undefined && end >= this.#text.length };
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

function isFlush(value: unknown): value is Flush {
  return typeof value === 'object' && value !== null && 'flush' in value;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<string | Flush> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
