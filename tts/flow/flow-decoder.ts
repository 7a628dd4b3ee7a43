import { join } from 'node:path';
import {
  readSafetensors,
  streamStates,
  Weights,
  type Runtime,
  type Tensors,
} from '../../kernels/index.js';
import { findVoiceRow } from '../voices/voices.js';
import { readFlowConfig, type FlowConfig } from './config.js';
import { FlowAlone } from './flow-alone.js';
import { buildFlowGraph } from './flow-graph.js';
import { FlowSlots, SLOT_TOKENS } from './flow-slots.js';
import { FlowStream, type FlowNetwork, type FlowPiece, type FlowResult } from './flow-stream.js';

/** How a stream is to sound. */
export type FlowOptions = {
  /** Id of the voice. */
  voice: string;
  /** 0 to 2^32 - 1. */
  seed: number;
};

/** The flow decoder: tokens to the codec's latents. The network is shared by all streams. */
export class FlowDecoder {
  readonly config: FlowConfig;
  /** A few of its weights, which tell it from others of the same sizes. */
  readonly fingerprint: Float32Array;
  readonly #network: FlowNetwork;

  private constructor(config: FlowConfig, network: FlowNetwork, fingerprint: Float32Array) {
    this.fingerprint = fingerprint;
    this.config = config;
    this.#network = network;
  }

  /** Streams that are to share a run. */
  get maxBatch(): number {
    return this.#network.tokensPerRun === undefined ? 1 : Infinity;
  }

  /**
   * Loads the model of a folder.
   *
   * @param runtime - Where it runs.
   * @param folder - With `model.safetensors` and `config.json`.
   * @throws {SpeechError} `FILE_NOT_FOUND`, `MODEL_INVALID`.
   */
  static async load(runtime: Runtime, folder: string): Promise<FlowDecoder> {
    const config = readFlowConfig(join(folder, 'config.json'));
    const tensors = await readSafetensors(join(folder, 'model.safetensors'));
    return FlowDecoder.create(runtime, tensors, config);
  }

  /**
   * Builds the model from tensors.
   *
   * @param runtime - Where it runs.
   * @param tensors - Named as in training.
   * @param config - Sizes and defaults.
   * @throws {SpeechError} `MODEL_INVALID` if a tensor is missing.
   */
  static async create(
    runtime: Runtime,
    tensors: Tensors,
    config: FlowConfig,
  ): Promise<FlowDecoder> {
    const weightFormat = runtime.precision === 'quantized' ? 'int8-rows' : 'float32';
    const weights = new Weights(tensors);
    const { model, numStates } = buildFlowGraph(weights, config, {
      weightFormat,
      ...(runtime.hasSlots ? { slotTokens: SLOT_TOKENS } : {}),
    });
    const session = await runtime.load('flow', model, { stateNames: streamStates(numStates) });
    const Network = runtime.hasSlots ? FlowSlots : FlowAlone;
    const fingerprint = weights.get('voice_emb.weight', 2).data;
    return new FlowDecoder(config, new Network(session, config), fingerprint);
  }

  /**
   * Opens a stream.
   *
   * @param options - Voice and seed.
   * @throws {SpeechError} `VOICE_UNKNOWN`.
   */
  stream({ voice, seed }: FlowOptions): FlowStream {
    const voiceRow = findVoiceRow(this.config.voiceIds, voice);
    return new FlowStream(this.#network, this.config, voiceRow, seed);
  }

  /**
   * Gives streams their next tokens, and makes at most one run of all those that have enough.
   *
   * @param pieces - One to {@link maxBatch}, of different streams.
   * @returns What each gave: without slots all that its tokens allow, on slots two tokens' frames.
   * @throws {SpeechError} `STATE_INVALID` if a stream was closed.
   */
  advance(pieces: readonly FlowPiece[]): Promise<FlowResult[]> {
    return this.#network.advance(pieces);
  }

  /** Frees the network. */
  close(): Promise<void> {
    return this.#network.close();
  }
}
