import { SPEECH_SAMPLE_RATE } from '../audio/formats.js';
import type { Metrics } from './metrics.js';

/**
 * A listener who plays a stream's audio as it comes, and waits where it runs dry. It tells how urgent
 * more audio is, and counts the silences that are the server's fault.
 */
export class Playback {
  readonly #metrics: Metrics;
  #heardMs = 0;
  #lastMs = 0;
  #owedMs: number;
  #underrunMs = 0;
  #isEnded = false;

  /**
   * @param metrics - Where to count.
   * @param options - `isOwed`: whether audio is due from the start, as it is where the whole text is
   * known.
   */
  constructor(metrics: Metrics, { isOwed }: { isOwed: boolean }) {
    this.#metrics = metrics;
    this.#owedMs = isOwed ? 0 : Infinity;
  }

  /** When the listener will have heard everything, as `performance.now()` counts. */
  get heardMs(): number {
    return this.#heardMs;
  }

  /**
   * The next piece of audio.
   *
   * @param numSamples - At 24 kHz.
   */
  add(numSamples: number): void {
    const nowMs = performance.now();
    if (this.#lastMs > 0) {
      const gapMs = nowMs - Math.max(this.#lastMs, this.#owedMs);
      if (gapMs >= 0) {
        this.#metrics.chunkGapSeconds.observe(gapMs / 1000);
      }
      this.#underrunMs += Math.max(0, nowMs - Math.max(this.#heardMs, this.#owedMs));
    }
    this.#lastMs = nowMs;
    this.#heardMs = Math.max(this.#heardMs, nowMs) + (numSamples / SPEECH_SAMPLE_RATE) * 1000;
  }

  /** From now on audio is due: text is there, or the client reads on. Before, silence was the client's. */
  owe(): void {
    if (this.#owedMs === Infinity) {
      this.#owedMs = performance.now();
    }
  }

  /** Nothing is due: there is no text, or the client does not read. */
  excuse(): void {
    this.#owedMs = Infinity;
  }

  /** Counts the stream, if it had audio; calling it again does nothing. */
  end(): void {
    if (this.#isEnded || this.#lastMs === 0) {
      return;
    }
    this.#isEnded = true;
    this.#metrics.underrunSeconds.inc(this.#underrunMs / 1000);
    this.#metrics.streams.inc({ continuity: this.#underrunMs > 0 ? 'broken' : 'unbroken' });
  }
}
