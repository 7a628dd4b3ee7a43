import { float32, type GraphSession, StateBlock, type StreamState } from '../../kernels/index.js';
import type { LatentCodecConfig } from './config.js';
import type { DecoderNetwork, DecoderPiece, DecoderResult } from './decoder-stream.js';

const NO_SAMPLES = new Float32Array(0);

/** The decoder with a state for each stream: runs of any length, each of one stream. */
export class DecoderAlone implements DecoderNetwork {
  readonly framesPerRun = undefined;
  readonly #session: GraphSession;
  readonly #config: LatentCodecConfig;

  /** @param session - The graph of `buildDecoderGraph`. @param config - Its sizes. */
  constructor(session: GraphSession, config: LatentCodecConfig) {
    this.#session = session;
    this.#config = config;
  }

  /** A state for a new stream. */
  newState(): StreamState {
    return this.#session.newState();
  }

  /** Runs each piece by itself. */
  async advance(pieces: readonly DecoderPiece[]): Promise<DecoderResult[]> {
    const results: DecoderResult[] = [];
    for (const { stream, latents, isLast } of pieces) {
      stream.hold(latents, isLast);
      results.push({ samples: await this.#run(stream), isOver: isLast });
    }
    return results;
  }

  /** Frees the network. */
  close(): Promise<void> {
    return this.#session.close();
  }

  async #run(stream: DecoderPiece['stream']): Promise<Float32Array> {
    const { numHeld } = stream;
    if (numHeld === 0) {
      return NO_SAMPLES;
    }
    const z = float32([1, numHeld, this.#config.latentDim], stream.takeFrames(numHeld));
    const { samples } = await this.#session.runWithState({ z }, StateBlock.of(stream.state));
    return stream.accept(samples!.data as Float32Array);
  }
}
