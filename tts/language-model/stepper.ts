import { joinSamples } from '../../base/arrays.js';
import { SpeechError } from '../../base/errors.js';
import type { GraphSession, StateBlock, TensorLike } from '../../kernels/index.js';
import { fillUniform } from '../noise.js';
import type { LanguageModelConfig } from './config.js';
import { windowLength } from './window.js';

/** One step of 40 ms. */
export type Step = {
  /** The token that is spoken. */
  token: number;
  /** Index of the phone that was spoken, in the sentence. */
  pointer: number;
};

/** What does not change while a stream speaks. */
export type StreamOptions = {
  /** Row of the voice in the model. */
  voiceRow: number;
  /** 0 to 2^32 - 1. */
  seed: number;
  /** 0 and up. */
  temperature: number;
};

type Outputs = Readonly<Record<string, TensorLike | undefined>>;

/** The smallest temperature that a division survives; it leaves nothing but the likeliest token. */
const MIN_TEMPERATURE = 1e-3;

/** Where one text stands: the recurrent state, the last token and the pointer into the sentence. */
export class LanguageModelStream {
  readonly options: StreamOptions;
  /** The recurrent state `[1, L, H, dk, dv]`. */
  readonly state: StateBlock;
  /** The last token; at the start the one that the model begins with. */
  token: number;
  /** Index of the phone that is spoken next; the number of phones, or more, at the end of the sentence. */
  pointer = 0;
  /** Steps already spent on that phone. */
  dwell = 0;
  /** Steps since the start of the text. */
  numSteps = 0;
  rows: Float32Array = new Float32Array(0);
  maxDwell: Int32Array = new Int32Array(0);
  #isWhole = true;

  /**
   * @param options - What stays.
   * @param start - `state`: the initial one, which this object closes; `token`: the first "last token".
   */
  constructor(options: StreamOptions, { state, token }: { state: StateBlock; token: number }) {
    this.options = options;
    this.state = state;
    this.token = token;
  }

  /** Whether the sentence is spoken to its end. */
  get isAtEnd(): boolean {
    return this.#isWhole && this.pointer >= this.maxDwell.length;
  }

  /**
   * Phones from the pointer on that can be spoken: those of which the next one, which a step sees too,
   * is known, or known not to exist. Negative if the pointer has moved on to phones that are not known.
   */
  get numSpeakable(): number {
    return this.maxDwell.length - this.pointer - (this.#isWhole ? 0 : 1);
  }

  /** Whether there is a step to be made before more phones are known. */
  get canAdvance(): boolean {
    return this.numSpeakable > 0;
  }

  /**
   * Starts a sentence; the recurrent state goes on from the one before.
   *
   * @param rows - Encoded phones `[N, D]`.
   * @param maxDwell - Steps after which the pointer must leave each phone, `[N]`, at least 1.
   * @param isWhole - Whether that is all of the sentence; otherwise {@link extend} follows.
   */
  begin(rows: Float32Array, maxDwell: Int32Array, isWhole = true): void {
    this.rows = rows;
    this.maxDwell = maxDwell;
    this.#isWhole = isWhole;
    this.pointer = 0;
    this.dwell = 0;
  }

  /**
   * Adds to a sentence that was begun.
   *
   * @param rows - More encoded phones `[N, D]`, even none.
   * @param maxDwell - As for {@link begin}.
   * @param isWhole - Whether the sentence ends there.
   */
  extend(rows: Float32Array, maxDwell: Int32Array, isWhole: boolean): void {
    this.rows = joinSamples([this.rows, rows]);
    const joined = new Int32Array(this.maxDwell.length + maxDwell.length);
    joined.set(this.maxDwell);
    joined.set(maxDwell, this.maxDwell.length);
    this.maxDwell = joined;
    this.#isWhole = isWhole;
  }

  /** Frees the state; the stream must not be used again. */
  close(): void {
    this.state.close();
  }
}

/** The steps of the language model: phones in, tokens out, for several streams at once. */
export class LanguageModelStepper {
  readonly #session: GraphSession;
  readonly #config: LanguageModelConfig;
  readonly #numSteps: number;

  /**
   * @param session - The graph of `buildStepGraph`.
   * @param config - The model's configuration.
   * @param numSteps - Steps per run that the graph was built for, `K`.
   */
  constructor(session: GraphSession, config: LanguageModelConfig, numSteps: number) {
    this.#session = session;
    this.#config = config;
    this.#numSteps = numSteps;
  }

  /**
   * Advances streams by up to `K` steps each; one that reaches the end of its sentence, or the last phone
   * that is known of it, stops there.
   * What a stream gets does not depend on the others.
   *
   * @param streams - At least one; each can advance.
   * @returns The steps of each stream, at least one.
   * @throws {SpeechError} `INTERNAL` if the model yields something that is not a number. The streams
   * are then as they were.
   */
  async advance(streams: readonly LanguageModelStream[]): Promise<Step[][]> {
    const states = streams.map(({ state }) => state);
    const outputs = await this.#session.runWithStates(this.#feeds(streams), states, checkFinite);
    return this.#accept(streams, outputs);
  }

  /** Moves streams to where a run has brought them. */
  #accept(streams: readonly LanguageModelStream[], outputs: Outputs): Step[][] {
    const tokens = outputs['tokens']!.data as Int32Array;
    const pointers = outputs['pointers']!.data as Int32Array;
    const nextPointers = outputs['next_pointer']!.data as Int32Array;
    const dwells = outputs['next_dwell']!.data as Int32Array;
    return streams.map((stream, row) => {
      const steps: Step[] = [];
      for (let step = 0; step < this.#numSteps; step++) {
        const moved = pointers[row * this.#numSteps + step]!;
        if (moved >= stream.numSpeakable) {
          break;
        }
        steps.push({
          token: tokens[row * this.#numSteps + step]!,
          pointer: stream.pointer + moved,
        });
      }
      stream.token = steps.at(-1)?.token ?? stream.token;
      stream.pointer += nextPointers[row]!;
      stream.dwell = dwells[row]!;
      stream.numSteps += steps.length;
      return steps;
    });
  }

  /** Packs what the streams stand at; each sees only the phones that it can reach in `K` steps. */
  #feeds(streams: readonly LanguageModelStream[]): Record<string, TensorLike> {
    const { dim, maxAdvance } = this.#config;
    const batch = streams.length;
    const window = windowLength(this.#numSteps, maxAdvance);
    const numSteps = this.#numSteps;
    const rows = new Float32Array(batch * window * dim);
    const maxDwell = new Int32Array(batch * window).fill(1);
    const noise = new Float32Array(batch * numSteps * 2);
    const stepNoise = new Float32Array(2);
    for (const [index, stream] of streams.entries()) {
      const { pointer } = stream;
      rows.set(stream.rows.subarray(pointer * dim, (pointer + window) * dim), index * window * dim);
      maxDwell.set(stream.maxDwell.subarray(pointer, pointer + window), index * window);
      for (let step = 0; step < numSteps; step++) {
        fillUniform(stepNoise, stream.options.seed, 'sampling', stream.numSteps + step);
        noise.set(stepNoise, (index * numSteps + step) * 2);
      }
    }
    const integers = (read: (stream: LanguageModelStream) => number): TensorLike => ({
      dtype: 'int32',
      shape: [batch],
      data: Int32Array.from(streams, read),
    });
    return {
      rows: { dtype: 'float32', shape: [batch, window, dim], data: rows },
      max_dwell: { dtype: 'int32', shape: [batch, window], data: maxDwell },
      num_phones: integers(({ numSpeakable }) => Math.min(window, numSpeakable)),
      token: integers(({ token }) => token),
      dwell: integers(({ dwell }) => dwell),
      voice: integers(({ options }) => options.voiceRow),
      temperature: {
        dtype: 'float32',
        shape: [batch, 1],
        data: Float32Array.from(streams, ({ options }) =>
          Math.max(MIN_TEMPERATURE, options.temperature),
        ),
      },
      noise: { dtype: 'float32', shape: [batch, numSteps, 2], data: noise },
    };
  }
}

function checkFinite(outputs: Outputs): void {
  if ((outputs['is_finite']!.data as Int32Array).some((value) => value === 0)) {
    throw new SpeechError('INTERNAL', 'The language model made values that are not numbers.');
  }
}
