import { setTimeout as sleep } from 'node:timers/promises';
import { SpeechError } from '../../base/errors.js';
import { isRefusal, type BenchClient, type Target } from './client.js';
import { Listener } from './listener.js';
import type { createRandom } from './random.js';
import { pickSentence } from './sentences.js';

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

/** Clients that speak, however long and many. */
export type ClientsOptions = {
  target: Target;
  createClient: () => BenchClient;
  wordsPerSecond?: number | undefined;
  /** 0 to 2^32 - 1: of all that clients do at random. */
  seed: number;
  /** Breaks everything off. */
  signal: AbortSignal;
};

/**
 * Has a client say a sentence, and counts how that went.
 *
 * @param client - Who speaks.
 * @param random - Draws the sentence.
 * @param wordsPerSecond - All at once if undefined.
 * @param tally - Where to count.
 * @returns Once it was heard or has failed: how long it takes a listener to hear the rest, in ms.
 */
export async function saySentence(
  client: BenchClient,
  random: ReturnType<typeof createRandom>,
  wordsPerSecond: number | undefined,
  tally: Tally,
): Promise<number> {
  const listener = new Listener();
  try {
    await client.speak({ text: pickSentence(random), wordsPerSecond }, listener);
    tally.heard.push(listener);
  } catch (error) {
    tally.fail(error);
  }
  return Math.max(0, listener.heardMs - performance.now());
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
