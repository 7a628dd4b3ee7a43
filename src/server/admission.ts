import { SpeechError } from '../../base/errors.js';

/** How many requests may be at work. */
export type AdmissionLimits = {
  /** Requests that speak at the same time, at least 1. */
  maxRunning: number;
  /** Requests that wait for their turn, 0 or more; the next one is refused. */
  maxWaiting: number;
};

type Waiter = { admit: () => void; refuse: (error: SpeechError) => void };

/** Lets requests in, first come first served, and refuses what would wait too long. */
export class Admission {
  readonly limits: AdmissionLimits;
  #running = 0;
  readonly #waiting: Waiter[] = [];
  #isClosed = false;
  readonly #onIdle: (() => void)[] = [];

  /** @param limits - How many requests may speak and how many may wait. */
  constructor(limits: AdmissionLimits) {
    this.limits = limits;
  }

  /** Requests that are speaking now. */
  get running(): number {
    return this.#running;
  }

  /** Requests that wait for their turn now. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Whether {@link Admission.close} was called. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Waits for a turn.
   *
   * @param signal - Leaves the queue.
   * @returns A function that ends the turn; calling it again does nothing.
   * @throws {SpeechError} `QUEUE_FULL`, `SHUTTING_DOWN`, or `CANCELLED` by the signal.
   */
  async enter(signal: AbortSignal): Promise<() => void> {
    if (this.#isClosed) {
      throw shuttingDown();
    }
    if (signal.aborted) {
      throw cancelled();
    }
    if (this.#running >= this.limits.maxRunning) {
      await this.#wait(signal);
    } else {
      this.#running++;
    }
    let isOver = false;
    return () => {
      if (!isOver) {
        isOver = true;
        this.#leave();
      }
    };
  }

  /** Takes nobody in any more and refuses those who wait. */
  close(): void {
    this.#isClosed = true;
    for (const waiter of this.#waiting.splice(0)) {
      waiter.refuse(shuttingDown());
    }
  }

  /**
   * Waits until nobody is speaking.
   *
   * @returns At once if that is so now.
   */
  async idle(): Promise<void> {
    if (this.#running > 0) {
      await new Promise<void>((resolve) => this.#onIdle.push(resolve));
    }
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const { maxRunning, maxWaiting } = this.limits;
    if (this.#waiting.length >= maxWaiting) {
      throw new SpeechError(
        'QUEUE_FULL',
        `${this.#running} requests are running and ${this.#waiting.length} are waiting; try again later.`,
        { maxRunning, maxWaiting },
      );
    }
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        const index = this.#waiting.indexOf(waiter);
        if (index >= 0) {
          this.#waiting.splice(index, 1);
          reject(cancelled());
        }
      };
      const waiter: Waiter = {
        admit: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
        refuse: (error) => {
          signal.removeEventListener('abort', leave);
          reject(error);
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.push(waiter);
    });
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next !== undefined) {
      // the turn goes over to the next in line, so the count stays
      next.admit();
      return;
    }
    this.#running--;
    if (this.#running === 0) {
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
