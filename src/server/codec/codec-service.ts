import PQueue from 'p-queue';
import type { Codec, CodecKind } from '../../../codecs/contract.js';
import type { CommandEngine } from '../../cli/load-engine.js';
import { Admission } from '../admission.js';
import type { ServerOptions } from '../options.js';
import { SharedCodec } from './shared-codec.js';

/** The codecs as the server lends them: to so many requests at a time, one of which is at work. */
export class CodecService {
  /** Who may encode and decode; requests for speech have their own. */
  readonly admission: Admission;
  readonly #engine: Pick<CommandEngine, 'loadCodec'>;
  readonly #turns = new PQueue({ concurrency: 1 });

  /**
   * @param engine - Whose codecs they are.
   * @param options - How many may have one, and wait for it.
   */
  constructor(engine: Pick<CommandEngine, 'loadCodec'>, options: ServerOptions) {
    this.#engine = engine;
    this.admission = new Admission({ ...options, maxRunning: options.maxCodecs });
  }

  /**
   * Lends a codec.
   *
   * @param kind - Which tokens.
   * @returns The codec, whose work takes turns with that of others.
   * @throws {SpeechError} What `Engine.loadCodec` throws.
   */
  async load(kind: CodecKind): Promise<Codec> {
    return new SharedCodec(await this.#engine.loadCodec(kind), this.#turns);
  }
}
