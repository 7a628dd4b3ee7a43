import { joinSamples } from '../../base/arrays.js';
import { SpeechError } from '../../base/errors.js';
import {
  Slot,
  SlotPool,
  StateBlock,
  type GraphSession,
  type StreamState,
  type TensorLike,
} from '../../kernels/index.js';
import type { LanguageModelConfig } from './config.js';
import { StepFeeds } from './step-feeds.js';

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

/** Where one text stands: the recurrent state, the last token and the pointer into the sentence. */
export class LanguageModelStream {
  readonly options: StreamOptions;
  /** The recurrent state `[1, L, H, dk, dv]`. */
  readonly state: StreamState;
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
  constructor(options: StreamOptions, { state, token }: { state: StreamState; token: number }) {
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
  readonly #session: GraphSession | SlotPool;
  readonly #config: LanguageModelConfig;
  readonly #numSteps: number;
  /** Of slots, whose runs never overlap. */
  readonly #feeds: StepFeeds;

  /**
   * @param session - The graph of `buildStepGraph`, or its slots.
   * @param config - The model's configuration.
   * @param numSteps - Steps per run that the graph was built for, `K`.
   */
  constructor(session: GraphSession | SlotPool, config: LanguageModelConfig, numSteps: number) {
    this.#session = session;
    this.#config = config;
    this.#numSteps = numSteps;
    this.#feeds = new StepFeeds(config, numSteps);
  }

  /**
   * Advances streams by up to `K` steps each; one that reaches the end of its sentence, or the last phone
   * that is known of it, stops there.
   * What a stream gets does not depend on the others.
   *
   * @param streams - At least one; each can advance.
   * @returns The steps of each stream, at least one; undefined on slots for a stream of which the model
   * made something that is not a number, and which is then of no more use.
   * @throws {SpeechError} `INTERNAL` if that happens without slots. The streams are then as they were.
   */
  async advance(streams: readonly LanguageModelStream[]): Promise<(Step[] | undefined)[]> {
    if (this.#session instanceof SlotPool) {
      const slots = streams.map(({ state }) => Slot.of(state));
      const rows = slots.map(({ row }) => row);
      const outputs = await this.#session.run(slots, (numRows) =>
        this.#feeds.pack(streams, rows, numRows),
      );
      const isFinite = outputs['is_finite']!.data as Int32Array;
      const steps = this.#accept(streams, rows, outputs);
      return steps.map((taken, index) => (isFinite[rows[index]!] === 0 ? undefined : taken));
    }
    const states = streams.map(({ state }) => StateBlock.of(state));
    const rows = streams.map((_, index) => index);
    const feeds = new StepFeeds(this.#config, this.#numSteps).pack(streams, rows, rows.length);
    const outputs = await this.#session.runWithStates(feeds, states, checkFinite);
    return this.#accept(streams, rows, outputs);
  }

  /** Moves streams to where a run has brought them. @param rows - Where each was in it. */
  #accept(
    streams: readonly LanguageModelStream[],
    rows: readonly number[],
    outputs: Outputs,
  ): Step[][] {
    const tokens = outputs['tokens']!.data as Int32Array;
    const pointers = outputs['pointers']!.data as Int32Array;
    const nextPointers = outputs['next_pointer']!.data as Int32Array;
    const dwells = outputs['next_dwell']!.data as Int32Array;
    return streams.map((stream, index) => {
      const row = rows[index]!;
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
}

function checkFinite(outputs: Outputs): void {
  if ((outputs['is_finite']!.data as Int32Array).some((value) => value === 0)) {
    throw new SpeechError('INTERNAL', 'The language model made values that are not numbers.');
  }
}
