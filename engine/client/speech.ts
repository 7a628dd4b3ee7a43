import { errorFromBody, SpeechError, toSpeechError } from '../../base/errors.js';
import type { Dictionary } from '../../tts/text/index.js';
import type { SpeechChunk, SpeechRequest } from '../../tts/types.js';
import type { SpeechEvent } from '../protocol.js';
import type { EngineConnection, SpeechListener } from './connection.js';
import type { TextSource } from './text-source.js';

type Waiter = {
  resolve(result: IteratorResult<SpeechChunk, undefined>): void;
  reject(error: unknown): void;
};

/** What a stream of speech needs to begin; made at the first `next`. */
export type SpeechStart = {
  connection: EngineConnection;
  request: SpeechRequest;
  text: TextSource;
  dictionaries: readonly Dictionary[];
  /** Where to go on from. */
  resume?: Uint8Array | undefined;
};

/**
 * One stream of speech on the main thread, as an iterator. It starts at the first `next`; `return`
 * and the signal take effect at once, even while a `next` is waiting.
 */
export class Speech implements AsyncIterableIterator<SpeechChunk, undefined>, SpeechListener {
  readonly #start: () => Promise<SpeechStart>;
  readonly #signal: AbortSignal | undefined;
  readonly #chunks: SpeechChunk[] = [];
  readonly #waiters: Waiter[] = [];
  readonly #onAbort = (): void => {
    this.#finish(new SpeechError('CANCELLED', 'The speech was cancelled.'));
  };
  #started: SpeechStart | undefined;
  #speech = 0;
  #isBegun = false;
  #isFinished = false;
  #isComplete = false;
  #error: unknown;

  /**
   * @param start - Checks the request and finds the worker; its failure is that of the first `next`.
   * @param signal - Ends the speech with `CANCELLED`.
   */
  constructor(start: () => Promise<SpeechStart>, signal: AbortSignal | undefined) {
    this.#start = start;
    this.#signal = signal;
  }

  /** The speech itself: it can be gone through once. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /**
   * The next chunk. What is not taken holds the engine back: it works a few seconds ahead at most.
   *
   * @throws {SpeechError} Once, what ended the speech early; after that the iterator is done.
   */
  next(): Promise<IteratorResult<SpeechChunk, undefined>> {
    if (!this.#isBegun) {
      this.#isBegun = true;
      void this.#begin();
    }
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#reportConsumed(chunk);
      return Promise.resolve({ done: false, value: chunk });
    }
    if (this.#error !== undefined) {
      const error = this.#error;
      this.#error = undefined;
      // the reason is whatever the caller's own text threw, or a SpeechError
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      return Promise.reject(error);
    }
    if (this.#isFinished || this.#isComplete) {
      return Promise.resolve({ done: true, value: undefined });
    }
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
  }

  /** Ends the speech; the worker drops it before its next step. */
  return(): Promise<IteratorResult<SpeechChunk, undefined>> {
    this.#isBegun = true;
    this.#finish(undefined);
    this.#error = undefined;
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Called by the connection. */
  receive(event: SpeechEvent): void {
    switch (event.type) {
      case 'textWanted':
        void this.#sendText();
        break;
      case 'chunk':
        this.#deliver(event.chunk);
        break;
      case 'end':
        this.#complete();
        break;
      case 'failed':
        this.#finish(errorFromBody(event.error));
        break;
    }
  }

  /** Called by the connection when the worker is gone. */
  fail(error: SpeechError): void {
    this.#finish(error);
  }

  async #begin(): Promise<void> {
    try {
      if (this.#signal?.aborted === true) {
        this.#onAbort();
        return;
      }
      this.#signal?.addEventListener('abort', this.#onAbort, { once: true });
      const started = await this.#start();
      if (this.#isFinished) {
        started.text.close();
        return;
      }
      this.#started = started;
      this.#speech = started.connection.open(this);
      // the dictionaries go out before the command that names them, and nothing in between
      started.connection.send({
        type: 'speak',
        speech: this.#speech,
        request: started.request,
        ...started.text.first(),
        dictionaries: started.connection.dictionaries.send(started.dictionaries),
        ...(started.resume === undefined ? {} : { resume: started.resume }),
      });
    } catch (error) {
      this.#finish(toSpeechError(error));
    }
  }

  async #sendText(): Promise<void> {
    const started = this.#started;
    if (started === undefined) {
      return;
    }
    try {
      const piece = await started.text.read();
      if (!this.#isFinished) {
        started.connection.send({ type: 'text', speech: this.#speech, ...piece });
      }
    } catch (error) {
      // what the caller's own text source throws is the caller's: it comes back as it is
      this.#finish(error);
    }
  }

  #deliver(chunk: SpeechChunk): void {
    if (this.#isFinished) {
      return;
    }
    const waiter = this.#waiters.shift();
    if (waiter === undefined) {
      this.#chunks.push(chunk);
    } else {
      this.#reportConsumed(chunk);
      waiter.resolve({ done: false, value: chunk });
    }
  }

  #reportConsumed(chunk: SpeechChunk): void {
    if (!this.#isFinished && !this.#isComplete) {
      const numSamples = chunk.samples.length;
      this.#started?.connection.send({ type: 'consumed', speech: this.#speech, numSamples });
    }
  }

  /** The worker is done; chunks that nobody took yet stay. */
  #complete(): void {
    this.#isComplete = true;
    this.#detach();
    this.#endWaiters();
  }

  /** Ends early: by an error, which the next `next` throws, or by the consumer. */
  #finish(error: unknown): void {
    if (this.#isFinished) {
      return;
    }
    this.#isFinished = true;
    this.#chunks.length = 0;
    if (!this.#isComplete) {
      this.#started?.connection.send({ type: 'cancel', speech: this.#speech });
      const waiter = this.#waiters.shift();
      if (error !== undefined && waiter !== undefined) {
        waiter.reject(error);
      } else {
        this.#error = error;
        waiter?.resolve({ done: true, value: undefined });
      }
    }
    this.#detach();
    this.#endWaiters();
  }

  #detach(): void {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#started?.connection.forget(this.#speech);
    this.#started?.text.close();
  }

  #endWaiters(): void {
    for (const waiter of this.#waiters.splice(0)) {
      waiter.resolve({ done: true, value: undefined });
    }
  }
}
