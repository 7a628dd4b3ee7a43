import { SpeechError } from '../../base/errors.js';
import type { SpeechChunk, SpeechContext } from '../../tts/types.js';
import type { Flush } from './text-source.js';

type Chunks = AsyncIterableIterator<SpeechChunk, undefined>;
type Piece = string | Flush;

/** The text of a {@link SpeechContext}, which waits here until the engine reads it, and its speech. */
export class LiveSpeech implements SpeechContext {
  readonly #chunks: Chunks;
  readonly #pieces: Piece[] = [];
  #numFlushes = 0;
  #isEnded = false;
  #wake: (() => void) | undefined;

  /** @param speak - Speaks the pieces of the text. */
  constructor(speak: (text: AsyncIterable<Piece>) => Chunks) {
    this.#chunks = speak(this.#read());
  }

  /** Adds to the text. */
  push(text: string): void {
    this.#add(text);
  }

  /** Has everything spoken that was pushed; see {@link SpeechContext}. @returns Its number. */
  flush({ snapshot = false }: { snapshot?: boolean } = {}): number {
    const flush = this.#numFlushes + 1;
    this.#add({ flush, hasSnapshot: snapshot });
    this.#numFlushes = flush;
    return flush;
  }

  /** Ends the text. */
  finish(): void {
    this.#isEnded = true;
    this.#wake?.();
  }

  /** Ends the speech at once. */
  cancel(): void {
    void this.return();
  }

  /** The speech itself: it can be gone through once. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next chunk; see {@link SpeechContext}. */
  next(): Promise<IteratorResult<SpeechChunk, undefined>> {
    return this.#chunks.next();
  }

  /** Ends the speech, as leaving a `for await` does. */
  async return(): Promise<IteratorResult<SpeechChunk, undefined>> {
    this.#pieces.length = 0;
    this.finish();
    await this.#chunks.return?.();
    return { done: true, value: undefined };
  }

  #add(piece: Piece): void {
    if (this.#isEnded) {
      throw new SpeechError('STATE_INVALID', 'The text was ended; nothing can be added to it.');
    }
    this.#pieces.push(piece);
    this.#wake?.();
  }

  async *#read(): AsyncGenerator<Piece, void, undefined> {
    for (;;) {
      yield* this.#pieces.splice(0);
      if (this.#pieces.length === 0) {
        if (this.#isEnded) {
          return;
        }
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
