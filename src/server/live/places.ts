import type { SpeechError } from '../../../base/errors.js';

/** A number of places, of which each open thing takes one. */
export class Places {
  readonly #max: number;
  readonly #toError: (max: number) => SpeechError;
  readonly #onEmpty: (() => void)[] = [];
  #numTaken = 0;

  /**
   * @param max - How many there are, at least 1.
   * @param toError - What {@link Places.take} throws when all are taken.
   */
  constructor(max: number, toError: (max: number) => SpeechError) {
    this.#max = max;
    this.#toError = toError;
  }

  /** Places that are taken now. */
  get numTaken(): number {
    return this.#numTaken;
  }

  /**
   * Tells whether there is a place, without taking it.
   *
   * @throws {SpeechError} As `toError` makes it, if there is none.
   */
  check(): void {
    if (this.#numTaken >= this.#max) {
      throw this.#toError(this.#max);
    }
  }

  /**
   * Takes a place.
   *
   * @returns What gives it back; calling it again does nothing.
   * @throws {SpeechError} As `toError` makes it, if there is none.
   */
  take(): () => void {
    this.check();
    this.#numTaken++;
    let isTaken = true;
    return () => {
      if (isTaken) {
        isTaken = false;
        this.#numTaken--;
        this.#tellEmpty();
      }
    };
  }

  /** Waits until no place is taken; not at all if that is so now. */
  async empty(): Promise<void> {
    if (this.#numTaken > 0) {
      await new Promise<void>((resolve) => this.#onEmpty.push(resolve));
    }
  }

  #tellEmpty(): void {
    if (this.#numTaken === 0) {
      for (const resolve of this.#onEmpty.splice(0)) {
        resolve();
      }
    }
  }
}
