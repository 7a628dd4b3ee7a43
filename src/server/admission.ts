import PQueue from 'p-queue';
import { SpeechError } from '../../base/errors.js';
import { TurnQueue, type TurnOptions } from './turn-queue.js';

/** How many requests may be at work. */
export type AdmissionLimits = {
  /** Turns at the engine, at least 1. */
  maxRunning: number;
  /** Requests that wait for their first turn, 0 or more; the next one is refused. */
  maxWaiting: number;
  /** Responses without a turn at which new requests are refused, at least 1. */
  maxPaused: number;
  /** How long a request may wait for its first turn, in ms. */
  queueTimeoutMs: number;
};

/** One request's right to the engine, from its first turn to its end. */
export type Turn = {
  /**
   * Gives the turn back while the engine is not needed, and takes one again.
   *
   * @param deadlineMs - When the listener runs out of audio, as `performance.now()` counts; asked
   * once the wait is over.
   * @param wait - What there is to wait for; nothing, if others are merely let in between.
   * @throws {SpeechError} `CANCELLED` by the signal; what the wait throws.
   */
  pause(deadlineMs: () => number, wait?: () => Promise<void>): Promise<void>;
  /** Ends the right; calling it again does nothing. */
  end(): void;
};

/** Why a request left the queue that waited for too long. */
const LATE = Symbol('late');

/**
 * Hands out turns at the engine. A new request comes first, since nothing of it can be heard yet, those
 * of different callers in turn; those that had audio and come back are served by when their listeners
 * run out of it, as the engine does among its jobs. No one waits forever: a deadline stays while those
 * of others move on, and new requests are limited in number by `maxPaused` and in time.
 */
export class Admission {
  readonly limits: AdmissionLimits;
  readonly #queue: PQueue<TurnQueue, TurnOptions>;
  readonly #entering = new Set<AbortController>();
  readonly #onIdle: (() => void)[] = [];
  #numOpen = 0;
  #isClosed = false;

  /** @param limits - How many requests may speak and how many may wait. */
  constructor(limits: AdmissionLimits) {
    this.limits = limits;
    this.#queue = new PQueue({ concurrency: limits.maxRunning, queueClass: TurnQueue });
  }

  /** Requests that have a turn now. */
  get running(): number {
    return this.#queue.pending;
  }

  /** Requests that wait for their first turn now. */
  get waiting(): number {
    return this.#entering.size;
  }

  /** Requests that gave their turn back: the client does not read, or others are let in between. */
  get paused(): number {
    return Math.max(0, this.#numOpen - this.running);
  }

  /** Whether {@link Admission.close} was called. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Why a request would be refused now, if it would. */
  get refusal(): SpeechError | undefined {
    const { maxRunning, maxWaiting, maxPaused } = this.limits;
    if (this.#isClosed) {
      return shuttingDown();
    }
    if (this.paused >= maxPaused) {
      return new SpeechError(
        'STREAMS_FULL',
        `${this.paused} responses are paused until they are read on; at most ${maxPaused} may be.`,
        { maxPaused },
      );
    }
    if (this.running >= maxRunning && this.waiting >= maxWaiting) {
      return new SpeechError(
        'QUEUE_FULL',
        `${this.running} requests are running and ${this.waiting} are waiting; try again later.`,
        { maxRunning, maxWaiting },
      );
    }
    return undefined;
  }

  /**
   * Waits for a first turn.
   *
   * @param signal - Leaves the queue; it also ends the waits of the turn.
   * @param caller - Who asks: callers come in turn.
   * @throws {SpeechError} `QUEUE_FULL`, `STREAMS_FULL`, `QUEUE_TIMEOUT`, `SHUTTING_DOWN`, or `CANCELLED`
   * by the signal.
   */
  async enter(signal: AbortSignal, caller = ''): Promise<Turn> {
    const { refusal } = this;
    if (refusal !== undefined) {
      throw refusal;
    }
    const entering = new AbortController();
    const cancel = () => {
      entering.abort();
    };
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) {
      cancel();
    }
    const isWaiting = this.running >= this.limits.maxRunning;
    let timer: NodeJS.Timeout | undefined;
    if (isWaiting) {
      this.#entering.add(entering);
      timer = setTimeout(() => {
        entering.abort(LATE);
      }, this.limits.queueTimeoutMs);
    }
    let giveBack: (() => void) | undefined;
    try {
      giveBack = await this.#take({ caller, signal: entering.signal });
    } catch {
      if (signal.aborted) {
        throw cancelled();
      }
      throw entering.signal.reason === LATE ? this.#late() : shuttingDown();
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
      this.#entering.delete(entering);
    }
    this.#numOpen++;
    return this.#turn(giveBack, signal);
  }

  /** Takes no new requests any more and refuses those who wait for their first turn. */
  close(): void {
    this.#isClosed = true;
    for (const entering of this.#entering) {
      entering.abort();
    }
  }

  /**
   * Waits until every request that ever had a turn has ended.
   *
   * @returns At once if that is so now.
   */
  async idle(): Promise<void> {
    if (this.#numOpen > 0) {
      await new Promise<void>((resolve) => this.#onIdle.push(resolve));
    }
  }

  #late(): SpeechError {
    const { queueTimeoutMs } = this.limits;
    return new SpeechError(
      'QUEUE_TIMEOUT',
      `The request waited ${queueTimeoutMs} ms for its turn, the longest it may; try again later.`,
      { queueTimeoutMs },
    );
  }

  #turn(first: () => void, signal: AbortSignal): Turn {
    let giveBack: (() => void) | undefined = first;
    let isOver = false;
    return {
      pause: async (deadlineMs, wait) => {
        giveBack?.();
        giveBack = undefined;
        await wait?.();
        const taken = await this.#take({ priority: -deadlineMs(), signal }).catch(() => {
          throw cancelled();
        });
        if (isOver) {
          taken();
        } else {
          giveBack = taken;
        }
      },
      end: () => {
        if (!isOver) {
          isOver = true;
          giveBack?.();
          this.#numOpen--;
          this.#tellIdle();
        }
      },
    };
  }

  /** Waits for a turn. @returns What gives it back. */
  #take(options: TurnOptions & { priority?: number; signal: AbortSignal }): Promise<() => void> {
    return new Promise((resolve, reject) => {
      // the queue's task is the turn: it lasts until it is given back
      const turn = () =>
        new Promise<void>((giveBack) => {
          resolve(giveBack);
        });
      this.#queue.add(turn, options).catch(reject);
    });
  }

  #tellIdle(): void {
    if (this.#numOpen === 0) {
      for (const resolve of this.#onIdle.splice(0)) {
        resolve();
      }
    }
  }
}

function shuttingDown(): SpeechError {
  return new SpeechError('SHUTTING_DOWN', 'The server is shutting down and takes no new requests.');
}

function cancelled(): SpeechError {
  return new SpeechError('CANCELLED', 'The client left while its request was waiting.');
}
