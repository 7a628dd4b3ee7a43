import { SpeechError } from '../../base/errors.js';
import {
  float32,
  int32,
  type GraphSession,
  StateBlock,
  type StreamState,
} from '../../kernels/index.js';
import type { FlowConfig } from './config.js';
import type { FlowNetwork, FlowPiece, FlowResult, FlowToken } from './flow-stream.js';

/** The flow decoder with a state for each stream: runs of any length, each of one stream. */
export class FlowAlone implements FlowNetwork {
  readonly tokensPerRun = undefined;
  readonly #session: GraphSession;
  readonly #config: FlowConfig;

  /** @param session - The graph of `buildFlowGraph`. @param config - Its sizes. */
  constructor(session: GraphSession, config: FlowConfig) {
    this.#session = session;
    this.#config = config;
  }

  /** A state for a new stream. */
  newState(): StreamState {
    return this.#session.newState();
  }

  /** Nothing comes before the first tokens. */
  newTokens(): FlowToken[] {
    return [];
  }

  /** Runs each piece by itself. */
  async advance(pieces: readonly FlowPiece[]): Promise<FlowResult[]> {
    const results: FlowResult[] = [];
    for (const piece of pieces) {
      results.push({ latents: await this.#run(piece), isOver: piece.isLast });
    }
    return results;
  }

  /** Frees the network. */
  close(): Promise<void> {
    return this.#session.close();
  }

  async #run({ stream, tokens, isLast }: FlowPiece): Promise<Float32Array> {
    const { lookahead, framesPerToken, latentDim } = this.#config;
    stream.hold(tokens, isLast);
    // the condition of a token comes when its look-ahead is complete; the first few stand for none
    const skip = Math.max(0, lookahead - stream.numTokens);
    if (stream.held.length <= skip) {
      return new Float32Array(0);
    }
    const input = stream.held.splice(0);
    const numFrames = framesPerToken * (input.length - skip);
    const noise = float32([1, numFrames, latentDim]);
    stream.fillNoise(noise.data);
    const integers = (read: (token: FlowToken) => number) =>
      int32([1, input.length], input.map(read));
    const { latents } = await this.#session.runWithState(
      {
        tokens: integers(({ token }) => token),
        phones: integers(({ phone }) => phone),
        skip: int32([1], [skip]),
        voice: int32([1], [stream.voiceRow]),
        noise,
      },
      StateBlock.of(stream.state),
    );
    if (!(latents?.data instanceof Float32Array)) {
      throw new SpeechError('INTERNAL', 'The flow decoder gave no result.');
    }
    stream.numTokens += input.length;
    stream.numFrames += numFrames;
    return latents.data;
  }
}
