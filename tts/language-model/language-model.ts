import { join } from 'node:path';
import { SpeechError } from '../../base/errors.js';
import {
  readSafetensors,
  SlotPool,
  streamStates,
  Weights,
  type GraphSession,
  type Runtime,
  type StreamState,
  type Tensors,
} from '../../kernels/index.js';
import { findVoiceRow } from '../voices/voices.js';
import { readLanguageModelConfig, type LanguageModelConfig } from './config.js';
import { buildEncoderGraph } from './encoder-graph.js';
import { buildStepGraph } from './step-graph.js';
import { LanguageModelStepper, LanguageModelStream, type Step } from './stepper.js';

/**
 * Steps per run. On a CPU a run costs hardly more than its steps; more would make a stream's first
 * tokens, and other streams, wait, and waste steps after the end of a sentence.
 */
const STEPS_PER_RUN = 2;

/** Beyond so many streams a run takes longer than it saves. */
const MAX_BATCH = 16;

/** How a stream is to be spoken. */
export type LanguageModelOptions = {
  /** Id of the voice. */
  voice: string;
  /** 0 to 2^32 - 1. */
  seed: number;
  /** 0 and up; undefined for the model's own. */
  temperature?: number | undefined;
};

/** The language model: phones to tokens of 40 ms. The networks are shared by all streams. */
export class LanguageModel {
  readonly config: LanguageModelConfig;
  /**
   * Streams that are to share a run: any number on slots; 1 where a product rounds one row otherwise than
   * several, so that what a stream gets never depends on the others.
   */
  readonly maxBatch: number;
  readonly #encoder: GraphSession;
  readonly #steps: GraphSession;
  readonly #stepper: LanguageModelStepper;
  readonly #slots: SlotPool | undefined;
  /** `[V, L, H, dk, dv]`. */
  readonly #initialState: Float32Array;

  private constructor(
    config: LanguageModelConfig,
    encoder: GraphSession,
    steps: GraphSession,
    numSteps: number,
    initialState: Float32Array,
    { maxBatch, slots }: { maxBatch: number; slots: SlotPool | undefined },
  ) {
    this.config = config;
    this.#encoder = encoder;
    this.#steps = steps;
    this.#stepper = new LanguageModelStepper(slots ?? steps, config, numSteps);
    this.#slots = slots;
    this.#initialState = initialState;
    this.maxBatch = maxBatch;
  }

  /**
   * Loads the model of a folder.
   *
   * @param runtime - Where it runs.
   * @param folder - With `model.safetensors` and `config.json`.
   * @throws {SpeechError} `FILE_NOT_FOUND`, `MODEL_INVALID`.
   */
  static async load(runtime: Runtime, folder: string): Promise<LanguageModel> {
    const config = readLanguageModelConfig(join(folder, 'config.json'));
    const tensors = await readSafetensors(join(folder, 'model.safetensors'));
    return LanguageModel.create(runtime, tensors, config);
  }

  /**
   * Builds the model from tensors.
   *
   * @param runtime - Where it runs.
   * @param tensors - Named as in training.
   * @param config - Sizes and defaults.
   * @param numSteps - Steps per run, at least 1.
   * @throws {SpeechError} `MODEL_INVALID` if a tensor is missing.
   */
  static async create(
    runtime: Runtime,
    tensors: Tensors,
    config: LanguageModelConfig,
    numSteps: number = STEPS_PER_RUN,
  ): Promise<LanguageModel> {
    const weights = new Weights(tensors);
    const isQuantized = runtime.precision === 'quantized';
    const encoderGraph = buildEncoderGraph(weights, config, isQuantized ? 'int8-rows' : 'float32');
    // one sentence at a time
    const encoder = await runtime.load('text encoder', encoderGraph, { device: 'cpu' });
    // a step is one row for each stream: waiting for a second thread takes longer than its share of a node
    const weightFormat = isQuantized ? 'int4-blocks' : 'float32';
    const { hasSlots } = runtime;
    const graph = buildStepGraph(weights, config, { numSteps, weightFormat, hasSlots });
    const steps = await runtime.load('language model', graph, {
      stateNames: streamStates(1),
      ...(isQuantized ? { maxThreads: 1 } : {}),
    });
    const initialState = weights.get('initial_state', 5).data;
    const slots = hasSlots ? new SlotPool(steps) : undefined;
    const maxBatch = hasSlots ? Infinity : isQuantized ? 1 : MAX_BATCH;
    const sharing = { maxBatch, slots };
    return new LanguageModel(config, encoder, steps, numSteps, initialState, sharing);
  }

  /** What each voice's stream begins with, `[V, L, H, dk, dv]`; not to be changed. */
  get initialState(): Float32Array {
    return this.#initialState;
  }

  /** Phones on either side that what {@link encode} makes of a phone depends on. */
  get reach(): number {
    return (this.config.encoderBlocks * (this.config.encoderKernel - 1)) / 2;
  }

  /**
   * Opens a stream.
   *
   * @param options - Voice, seed, temperature.
   * @throws {SpeechError} `VOICE_UNKNOWN`.
   */
  stream(options: LanguageModelOptions): LanguageModelStream {
    const { voiceIds, temperature, startToken } = this.config;
    const voiceRow = findVoiceRow(voiceIds, options.voice);
    const state = this.#slots?.open() ?? this.#newState(voiceRow);
    return new LanguageModelStream(
      { voiceRow, seed: options.seed, temperature: options.temperature ?? temperature },
      { state, token: startToken },
    );
  }

  #newState(voiceRow: number): StreamState {
    const size = this.#initialState.length / this.config.voiceIds.length;
    const initial = this.#initialState.slice(voiceRow * size, (voiceRow + 1) * size);
    const state = this.#steps.newState();
    state.restore(new Uint8Array(initial.buffer));
    return state;
  }

  /**
   * Encodes the phones of a sentence.
   *
   * @param phones - Indices in the phone set, at least one; not padding.
   * @param wordStarts - 1 where a word begins, else 0; as long.
   * @returns `[N, D]`, for `LanguageModelStream.begin`.
   */
  async encode(phones: Int32Array, wordStarts: Int32Array): Promise<Float32Array> {
    const shape = [1, phones.length];
    const { encoded } = await this.#encoder.run({
      phones: { dtype: 'int32', shape, data: phones },
      word_start: { dtype: 'int32', shape, data: wordStarts },
    });
    if (!(encoded?.data instanceof Float32Array)) {
      throw new SpeechError('INTERNAL', 'The text encoder gave no result.');
    }
    return encoded.data;
  }

  /**
   * Advances streams by a few steps each; see {@link LanguageModelStepper.advance}.
   *
   * @param streams - One to {@link maxBatch}; each can advance.
   */
  advance(streams: readonly LanguageModelStream[]): Promise<(Step[] | undefined)[]> {
    return this.#stepper.advance(streams);
  }

  /** Frees the networks. */
  async close(): Promise<void> {
    await this.#encoder.close();
    this.#slots?.close();
    await this.#steps.close();
  }
}
