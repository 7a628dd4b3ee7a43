import { streamStates, type Runtime, type Weights } from '../../kernels/index.js';
import type { LatentCodecConfig } from './config.js';
import { DecoderAlone } from './decoder-alone.js';
import { buildDecoderGraph } from './decoder-graph.js';
import { DecoderSlots, SLOT_FRAMES } from './decoder-slots.js';
import {
  LatentDecoderStream,
  type DecoderNetwork,
  type DecoderPiece,
  type DecoderResult,
} from './decoder-stream.js';

/** Latents to samples. One network, shared by any number of streams. */
export class LatentDecoder {
  /** The codec's sizes. */
  readonly config: LatentCodecConfig;
  /** A few of its weights, which tell it from others of the same sizes. */
  readonly fingerprint: Float32Array;
  readonly #network: DecoderNetwork;

  private constructor(
    network: DecoderNetwork,
    config: LatentCodecConfig,
    fingerprint: Float32Array,
  ) {
    this.fingerprint = fingerprint;
    this.#network = network;
    this.config = config;
  }

  /** Streams that are to share a run. */
  get maxBatch(): number {
    return this.#network.framesPerRun === undefined ? 1 : Infinity;
  }

  /**
   * Loads the network.
   *
   * @param runtime - Where it runs.
   * @param weights - The codec's weights.
   * @param config - The codec's sizes.
   * @param hasSlots - Whether streams are to share runs of a fixed size; false by default.
   * @throws {SpeechError} `MODEL_INVALID` if a tensor is missing or does not fit.
   */
  static async load(
    runtime: Runtime,
    weights: Weights,
    config: LatentCodecConfig,
    hasSlots = false,
  ): Promise<LatentDecoder> {
    const weightFormat = runtime.precision === 'quantized' ? 'int8-rows' : 'float32';
    const graph = buildDecoderGraph(weights, config, {
      weightFormat,
      ...(hasSlots ? { slotFrames: SLOT_FRAMES } : {}),
    });
    const stateNames = streamStates(graph.numStates);
    const session = await runtime.load('codec-decoder', graph.build(), { stateNames });
    const Network = hasSlots ? DecoderSlots : DecoderAlone;
    const fingerprint = weights.get('head.bias', 1).data;
    return new LatentDecoder(new Network(session, config), config, fingerprint);
  }

  /** Opens a stream with its own state, which costs some hundred kilobytes. */
  stream(): LatentDecoderStream {
    return new LatentDecoderStream(this.#network, this.config);
  }

  /**
   * Gives streams their next frames, and makes at most one run of all those that have enough.
   *
   * @param pieces - One to {@link maxBatch}, of different streams.
   * @returns What each gave: without slots the samples of all frames, on slots those of four.
   * @throws {SpeechError} `INPUT_SHAPE_MISMATCH` if latents are no whole number of frames;
   * `STATE_INVALID` if a stream was closed.
   */
  advance(pieces: readonly DecoderPiece[]): Promise<DecoderResult[]> {
    return this.#network.advance(pieces);
  }

  /** Frees the network. */
  close(): Promise<void> {
    return this.#network.close();
  }
}
