import type { TensorLike } from '../../kernels/index.js';
import { fillUniform } from '../noise.js';
import type { LanguageModelConfig } from './config.js';
import type { LanguageModelStream } from './stepper.js';
import { windowLength } from './window.js';

/** The smallest temperature that a division survives; it leaves nothing but the likeliest token. */
const MIN_TEMPERATURE = 1e-3;

/** The inputs of `buildStepGraph` for a number of rows. */
type Arrays = {
  rows: Float32Array;
  maxDwell: Int32Array;
  numPhones: Int32Array;
  token: Int32Array;
  dwell: Int32Array;
  voice: Int32Array;
  temperature: Float32Array;
  noise: Float32Array;
};

/**
 * Packs what streams stand at for a run of the language model; each sees only the phones that it can
 * reach in `K` steps. The arrays are used again, so that with hundreds of rows a run makes no garbage.
 */
export class StepFeeds {
  readonly #dim: number;
  readonly #window: number;
  readonly #numSteps: number;
  readonly #stepNoise = new Float32Array(2);
  #numRows = 0;
  #arrays: Arrays | undefined;

  /** @param config - The model's. @param numSteps - Steps per run, `K`. */
  constructor({ dim, maxAdvance }: LanguageModelConfig, numSteps: number) {
    this.#dim = dim;
    this.#window = windowLength(numSteps, maxAdvance);
    this.#numSteps = numSteps;
  }

  /**
   * Packs a run. What it gave before is then of no more use.
   *
   * @param streams - Those that advance.
   * @param rows - The row of each.
   * @param numRows - Rows of the run, `B`. Those of no stream have no phones.
   */
  pack(
    streams: readonly LanguageModelStream[],
    rows: readonly number[],
    numRows: number,
  ): Record<string, TensorLike> {
    const arrays = this.#take(numRows);
    arrays.numPhones.fill(0);
    for (const [index, stream] of streams.entries()) {
      this.#packRow(arrays, stream, rows[index]!);
    }
    const [dim, window, numSteps] = [this.#dim, this.#window, this.#numSteps];
    const integers = (data: Int32Array): TensorLike => ({ dtype: 'int32', shape: [numRows], data });
    return {
      rows: { dtype: 'float32', shape: [numRows, window, dim], data: arrays.rows },
      max_dwell: { dtype: 'int32', shape: [numRows, window], data: arrays.maxDwell },
      num_phones: integers(arrays.numPhones),
      token: integers(arrays.token),
      dwell: integers(arrays.dwell),
      voice: integers(arrays.voice),
      temperature: { dtype: 'float32', shape: [numRows, 1], data: arrays.temperature },
      noise: { dtype: 'float32', shape: [numRows, numSteps, 2], data: arrays.noise },
    };
  }

  #take(numRows: number): Arrays {
    if (this.#arrays === undefined || this.#numRows !== numRows) {
      this.#numRows = numRows;
      this.#arrays = {
        rows: new Float32Array(numRows * this.#window * this.#dim),
        maxDwell: new Int32Array(numRows * this.#window).fill(1),
        numPhones: new Int32Array(numRows),
        token: new Int32Array(numRows),
        dwell: new Int32Array(numRows),
        voice: new Int32Array(numRows),
        temperature: new Float32Array(numRows).fill(1),
        noise: new Float32Array(numRows * this.#numSteps * 2).fill(0.5),
      };
    }
    return this.#arrays;
  }

  #packRow(arrays: Arrays, stream: LanguageModelStream, row: number): void {
    const [dim, window, numSteps] = [this.#dim, this.#window, this.#numSteps];
    const { pointer, options } = stream;
    const numKnown = Math.min(window, stream.maxDwell.length - pointer);
    const seen = stream.rows.subarray(pointer * dim, (pointer + numKnown) * dim);
    const start = row * window;
    arrays.rows.set(seen, start * dim);
    arrays.rows.fill(0, start * dim + seen.length, (start + window) * dim);
    arrays.maxDwell.set(stream.maxDwell.subarray(pointer, pointer + numKnown), start);
    arrays.maxDwell.fill(1, start + numKnown, start + window);
    arrays.numPhones[row] = Math.min(window, stream.numSpeakable);
    arrays.token[row] = stream.token;
    arrays.dwell[row] = stream.dwell;
    arrays.voice[row] = options.voiceRow;
    arrays.temperature[row] = Math.max(MIN_TEMPERATURE, options.temperature);
    for (let step = 0; step < numSteps; step++) {
      fillUniform(this.#stepNoise, options.seed, 'sampling', stream.numSteps + step);
      arrays.noise.set(this.#stepNoise, (row * numSteps + step) * 2);
    }
  }
}
