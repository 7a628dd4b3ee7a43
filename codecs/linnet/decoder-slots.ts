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

/** Frames of a run: those of the flow decoder's, short or long. */
const SLOT_FRAMES = 4;
const LONG_SLOT_FRAMES = 16;

const NO_SAMPLES = new Float32Array(0);

/** The decoder with all streams in the slots of one state: a run takes four frames of each, or sixteen. */
export class DecoderSlots implements DecoderNetwork {
  readonly framesPerRun = SLOT_FRAMES;
  readonly #session: GraphSession;
  readonly #config: LatentCodecConfig;
  readonly #pool: SlotPool;
  /** Inputs by the frames of a run, used again. */
  readonly #inputs = new Map<number, Float32Array>();

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

  /** Runs once for all that have four frames; with sixteen of each, if all have them or their last ones. */
  async advance(pieces: readonly DecoderPiece[]): Promise<DecoderResult[]> {
    for (const { stream, latents, isLast } of pieces) {
      stream.hold(latents, isLast);
    }
    const streams = pieces
      .map(({ stream }) => stream)
      .filter(({ numHeld, isOver }) => numHeld >= SLOT_FRAMES && !isOver);
    const isLong = streams.every(
      ({ numHeld, isEnded }) => numHeld >= LONG_SLOT_FRAMES || (isEnded && numHeld > SLOT_FRAMES),
    );
    const numFrames = isLong ? LONG_SLOT_FRAMES : SLOT_FRAMES;
    const samples = streams.length > 0 ? await this.#run(streams, numFrames) : NO_SAMPLES;
    const size = numFrames * this.#config.frameSize;
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

  async #run(streams: readonly LatentDecoderStream[], numFrames: number): Promise<Float32Array> {
    const slots = streams.map(({ state }) => Slot.of(state));
    const { samples } = await this.#pool.run(slots, (numRows) =>
      this.#pack(streams, numRows, numFrames),
    );
    return samples!.data as Float32Array;
  }

  #pack(
    streams: readonly LatentDecoderStream[],
    numRows: number,
    numFrames: number,
  ): { z: TensorLike } {
    const { latentDim } = this.#config;
    const size = numFrames * latentDim;
    let z = this.#inputs.get(numFrames);
    if (z?.length !== numRows * size) {
      z = new Float32Array(numRows * size);
      this.#inputs.set(numFrames, z);
    }
    for (const stream of streams) {
      z.set(stream.takeFrames(numFrames), Slot.of(stream.state).row * size);
    }
    return { z: float32([numRows, numFrames, latentDim], z) };
  }
}
