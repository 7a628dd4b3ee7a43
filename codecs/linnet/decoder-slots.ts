import {
  float32,
  Slot,
  SlotPool,
  type GraphSession,
  type StreamState,
  type TensorLike,
} from '../../kernels/index.js';
import type { LatentCodecConfig } from './config.js';
import type {
  DecoderNetwork,
  DecoderPiece,
  DecoderResult,
  LatentDecoderStream,
} from './decoder-stream.js';

/** Frames of each run: those of the flow decoder's. */
export const SLOT_FRAMES = 4;

const NO_SAMPLES = new Float32Array(0);

/** The decoder with all streams in the slots of one state: a run is four frames of each. */
export class DecoderSlots implements DecoderNetwork {
  readonly framesPerRun = SLOT_FRAMES;
  readonly #session: GraphSession;
  readonly #config: LatentCodecConfig;
  readonly #pool: SlotPool;
  /** Input of the last run, used again. */
  #z = new Float32Array(0);

  /** @param session - The graph of `buildDecoderGraph` with slots. @param config - Its sizes. */
  constructor(session: GraphSession, config: LatentCodecConfig) {
    this.#session = session;
    this.#config = config;
    this.#pool = new SlotPool(session);
  }

  /** A state for a new stream. */
  newState(): StreamState {
    return this.#pool.open();
  }

  /** Runs once for all that have four frames. */
  async advance(pieces: readonly DecoderPiece[]): Promise<DecoderResult[]> {
    for (const { stream, latents, isLast } of pieces) {
      stream.hold(latents, isLast);
    }
    const streams = pieces
      .map(({ stream }) => stream)
      .filter(({ numHeld, isOver }) => numHeld >= SLOT_FRAMES && !isOver);
    const samples = streams.length > 0 ? await this.#run(streams) : NO_SAMPLES;
    const size = SLOT_FRAMES * this.#config.frameSize;
    const given = new Map(
      streams.map((stream) => {
        const { row } = Slot.of(stream.state);
        return [stream, stream.accept(samples.subarray(row * size, (row + 1) * size))];
      }),
    );
    return pieces.map(({ stream }) => ({
      samples: given.get(stream) ?? NO_SAMPLES,
      isOver: stream.isOver,
    }));
  }

  /** Frees the network. */
  close(): Promise<void> {
    this.#pool.close();
    return this.#session.close();
  }

  async #run(streams: readonly LatentDecoderStream[]): Promise<Float32Array> {
    const slots = streams.map(({ state }) => Slot.of(state));
    const { samples } = await this.#pool.run(slots, (numRows) => this.#pack(streams, numRows));
    return samples!.data as Float32Array;
  }

  #pack(streams: readonly LatentDecoderStream[], numRows: number): { z: TensorLike } {
    const { latentDim } = this.#config;
    const size = SLOT_FRAMES * latentDim;
    if (this.#z.length !== numRows * size) {
      this.#z = new Float32Array(numRows * size);
    }
    for (const stream of streams) {
      this.#z.set(stream.takeFrames(SLOT_FRAMES), Slot.of(stream.state).row * size);
    }
    return { z: float32([numRows, SLOT_FRAMES, latentDim], this.#z) };
  }
}
