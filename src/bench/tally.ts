import { setTimeout as sleep } from 'node:timers/promises';
import { SpeechError } from '../../base/errors.js';
import { isRefusal } from './client.js';
import type { Listener } from './listener.js';

/** How the utterances of some clients went. */
export class Tally {
  /** Those that were heard to their end. */
  readonly heard: Listener[] = [];
  /** Those that their client left. */
  numLeft = 0;
  /** Those that the server refused for now. */
  numRefusals = 0;
  /** Those that failed otherwise, by code. */
  readonly failures: Record<string, number> = {};

  /**
   * Counts an utterance that was not heard to its end.
   *
   * @param error - What the client threw; what is no failure of an utterance is thrown on.
   */
  fail(error: unknown): void {
    if (!(error instanceof SpeechError)) {
      throw error;
    }
    if (error.code === 'CANCELLED') {
      this.numLeft++;
    } else if (isRefusal(error)) {
      this.numRefusals++;
    } else {
      this.failures[error.code] = (this.failures[error.code] ?? 0) + 1;
    }
  }

  /**
   * Adds something up over all utterances that were heard.
   *
   * @param value - Of one of them.
   * @returns The sum.
   */
  sum(value: (listener: Listener) => number): number {
    return this.heard.reduce((total, listener) => total + value(listener), 0);
  }
}

/**
 * Waits, but no longer than until all is broken off.
 *
 * @param ms - How long.
 * @param signal - Ends the wait, without an error.
 */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/**
 * Waits likewise, but no longer than to an end.
 *
 * @param endMs - As `performance.now()` counts.
 * @param ms - How long.
 * @param signal - Ends the wait, without an error.
 */
export async function pauseUntil(endMs: number, ms: number, signal: AbortSignal): Promise<void> {
  await pause(Math.max(0, Math.min(ms, endMs - performance.now())), signal);
}
