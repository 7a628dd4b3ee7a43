import type { UtteranceListener } from './client.js';

/** Bytes of a second of PCM: 24,000 samples of 16 bits. */
const BYTES_PER_SECOND = 48_000;

/** Words that a text must have before the server can be expected to speak it while more come. */
const WORDS_AHEAD = 3;

/** Plays an utterance as it arrives, by the clock, and waits where it runs dry. */
export class Listener implements UtteranceListener {
  /** Times between two pieces of audio, in ms. */
  readonly gapsMs: number[] = [];
  /** How often, and for how long, there was nothing left to play before the end. */
  numUnderruns = 0;
  underrunSeconds = 0;
  /** Audio that arrived. */
  audioSeconds = 0;
  readonly #pushedMs: number[] = [];
  #firstMs: number | undefined;
  #lastMs = 0;
  #heardMs = 0;

  /** When everything that arrived has been played, as `performance.now()` counts. */
  get heardMs(): number {
    return this.#heardMs;
  }

  /** From the first text to the first audio; undefined without audio. */
  get firstAudioMs(): number | undefined {
    return this.#sincePush(0);
  }

  /**
   * From the third piece of text to the first audio; undefined where there were not so many pieces.
   * Negative if the audio came before.
   */
  get afterThirdWordMs(): number | undefined {
    return this.#sincePush(WORDS_AHEAD - 1);
  }

  /** From the first text to the last audio, in seconds; 0 without audio. */
  get workSeconds(): number {
    const startMs = this.#firstMs === undefined ? undefined : this.#pushedMs[0];
    return startMs === undefined ? 0 : (this.#lastMs - startMs) / 1000;
  }

  /** A piece of text was sent. */
  pushed(): void {
    this.#pushedMs.push(performance.now());
  }

  /** A piece of audio arrived. */
  audio(bytes: Uint8Array): void {
    const nowMs = performance.now();
    if (this.#firstMs === undefined) {
      this.#firstMs = nowMs;
      this.#heardMs = nowMs;
    } else {
      this.gapsMs.push(nowMs - this.#lastMs);
      if (nowMs > this.#heardMs) {
        this.numUnderruns++;
        this.underrunSeconds += (nowMs - this.#heardMs) / 1000;
        this.#heardMs = nowMs;
      }
    }
    this.#lastMs = nowMs;
    const seconds = bytes.length / BYTES_PER_SECOND;
    this.audioSeconds += seconds;
    this.#heardMs += seconds * 1000;
  }

  #sincePush(index: number): number | undefined {
    const pushedMs = this.#pushedMs[index];
    return this.#firstMs === undefined || pushedMs === undefined
      ? undefined
      : this.#firstMs - pushedMs;
  }
}
