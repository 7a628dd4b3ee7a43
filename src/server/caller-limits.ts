import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { SpeechError } from '../../base/errors.js';
import type { Caller } from './callers.js';
import type { ServerOptions } from './options.js';

const MINUTE_SECONDS = 60;

/** How soon a place may be free again, in seconds. */
const PLACE_SECONDS = 2;

/** What each caller may have: speeches at the same time, and speeches in a minute. */
export class CallerLimits {
  readonly #maxPerKey: number;
  readonly #rates: RateLimiterMemory | undefined;
  readonly #numOpen = new Map<string, number>();

  /** @param options - The limits; one that is not given does not limit. */
  constructor({ maxPerKey, ratePerMinute }: Pick<ServerOptions, 'maxPerKey' | 'ratePerMinute'>) {
    this.#maxPerKey = maxPerKey ?? Infinity;
    this.#rates =
      ratePerMinute === undefined
        ? undefined
        : new RateLimiterMemory({ points: ratePerMinute, duration: MINUTE_SECONDS });
  }

  /**
   * Begins a speech of a caller. One that is refused for the number of those at work does not count for
   * the rate.
   *
   * @param caller - Whose it is.
   * @returns What ends it; calling it again does nothing.
   * @throws {SpeechError} `RATE_LIMITED`, with `retryAfterSeconds` in its details.
   */
  async enter({ name }: Caller): Promise<() => void> {
    const numOpen = this.#numOpen.get(name) ?? 0;
    if (numOpen >= this.#maxPerKey) {
      throw new SpeechError(
        'RATE_LIMITED',
        `${numOpen} speeches of this caller are open, the most there may be.`,
        { maxPerKey: this.#maxPerKey, retryAfterSeconds: PLACE_SECONDS },
      );
    }
    this.#numOpen.set(name, numOpen + 1);
    let isOpen = true;
    const leave = () => {
      if (isOpen) {
        isOpen = false;
        this.#leave(name);
      }
    };
    try {
      await this.#rates?.consume(name);
    } catch (thrown) {
      leave();
      throw thrown instanceof RateLimiterRes ? this.#tooMany(thrown) : thrown;
    }
    return leave;
  }

  #leave(name: string): void {
    const numOpen = this.#numOpen.get(name)! - 1;
    // names do not pile up
    if (numOpen === 0) {
      this.#numOpen.delete(name);
    } else {
      this.#numOpen.set(name, numOpen);
    }
  }

  #tooMany({ msBeforeNext }: RateLimiterRes): SpeechError {
    const ratePerMinute = this.#rates!.points;
    return new SpeechError(
      'RATE_LIMITED',
      `This caller has begun ${ratePerMinute} speeches within a minute, the most there may be.`,
      { ratePerMinute, retryAfterSeconds: Math.ceil(msBeforeNext / 1000) },
    );
  }
}
