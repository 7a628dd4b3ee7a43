import type { Runtime } from '../../kernels/index.js';
import type { Codec, CodecKind } from '../contract.js';
import { StreamingCodec } from '../streaming/streaming-codec.js';
import { CodecFiles } from './codec-files.js';
import type { LatentCodecConfig } from './config.js';
import { LatentDecoder } from './latent-decoder.js';
import { LatentEncoder } from './latent-encoder.js';
import { Lazy } from './lazy.js';
import { ResidualQuantizer } from './rvq/residual-quantizer.js';
import { TokenQuantizer } from './single/token-quantizer.js';
import { tokenCodec, type LatentNetworks } from './token-codec.js';
import type { Tokenizer } from './tokenizer.js';

/**
 * The networks between samples and latents, which all tokenizers and the speech pipeline of an engine
 * share; each is loaded when it is first used.
 */
export class LatentCodec implements LatentNetworks {
  /** Sizes. */
  readonly config: LatentCodecConfig;
  /** Samples to latents. */
  readonly encoder: Lazy<LatentEncoder>;
  /** Latents to samples. */
  readonly decoder: Lazy<LatentDecoder>;
  /** The same for streams of speech, which may share runs. */
  readonly speechDecoder: Lazy<LatentDecoder>;
  readonly #runtime: Runtime;
  readonly #files: CodecFiles;

  /**
   * Reads what the codec is like.
   *
   * @param runtime - Where it runs; its thread is blocked while it does.
   * @param modelPath - Folder that holds `codec/` with `model.safetensors`, `config.json` and, for
   * `single`, `single.safetensors` and `single.json`.
   * @throws {SpeechError} `FILE_NOT_FOUND`; `MODEL_INVALID` if the configuration is damaged.
   */
  constructor(runtime: Runtime, modelPath: string) {
    const files = new CodecFiles(modelPath);
    const config = files.readConfig();
    this.#runtime = runtime;
    this.#files = files;
    this.config = config;
    this.encoder = new Lazy(async () =>
      LatentEncoder.load(runtime, await files.readWeights('encoder'), config),
    );
    this.decoder = new Lazy(async () =>
      LatentDecoder.load(runtime, await files.readWeights('decoder'), config),
    );
    this.speechDecoder = runtime.hasSlots
      ? new Lazy(async () =>
          LatentDecoder.load(runtime, await files.readWeights('decoder'), config, true),
        )
      : this.decoder;
  }

  /**
   * Loads a tokenizer.
   *
   * @param kind - `rvq` for storage, `single` for the language model's tokens.
   * @returns The codec of these tokens; closing it leaves the latent codec open.
   * @throws {SpeechError} `FILE_NOT_FOUND` if a file is missing; `MODEL_INVALID` if one is damaged or
   * they do not fit together.
   */
  async load(kind: CodecKind): Promise<Codec> {
    const [tokenizer, weightsHash] = await Promise.all([
      kind === 'rvq' ? this.#loadResidual() : this.#loadSingle(),
      // here and not in the constructor: who only speaks need not wait for it
      this.#files.hashWeights(kind),
    ]);
    return new StreamingCodec(tokenCodec(this, kind, tokenizer, weightsHash));
  }

  /** Frees what was loaded, for all who share it. Safe to call twice. */
  async close(): Promise<void> {
    await Promise.all([this.encoder.close(), this.decoder.close(), this.speechDecoder.close()]);
  }

  async #loadResidual(): Promise<Tokenizer> {
    const weights = await this.#files.readWeights('quantizer');
    return ResidualQuantizer.load(this.#runtime, weights, this.config);
  }

  async #loadSingle(): Promise<Tokenizer> {
    const { weights, config } = await this.#files.readSingle();
    return TokenQuantizer.load(this.#runtime, weights, config);
  }
}
