import { join } from 'node:path';
import { readSafetensors, Weights, type Runtime } from '../../kernels/index.js';
import type { Codec, CodecKind } from '../contract.js';
import { StreamingCodec } from '../streaming/streaming-codec.js';
import { readLatentCodecConfig, type LatentCodecConfig } from './config.js';
import { LatentDecoder } from './latent-decoder.js';
import { LatentEncoder } from './latent-encoder.js';
import { Lazy } from './lazy.js';
import { ResidualQuantizer } from './rvq/residual-quantizer.js';
import { readSingleConfig } from './single/config.js';
import { TokenQuantizer } from './single/token-quantizer.js';
import { tokenCodec, type LatentNetworks } from './token-codec.js';
import type { Tokenizer } from './tokenizer.js';
import { hashWeights } from './weights-hash.js';

/** First letters of the tensors that each part of the codec reads; the files have nothing to spare. */
const ENCODER = /^(enc|down)/;
const DECODER = /^(dec|up|norm|head)/;
const QUANTIZER = /^vq\./;
/** The files of a tokenizer's weights and of what it shares with the others. */
const WEIGHTS: Readonly<Record<CodecKind, readonly string[]>> = {
  rvq: ['model.safetensors'],
  single: ['model.safetensors', 'single.safetensors'],
};

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
  readonly #folder: string;

  /**
   * Reads what the codec is like.
   *
   * @param runtime - Where it runs; its thread is blocked while it does.
   * @param modelPath - Folder that holds `codec/` with `model.safetensors`, `config.json` and, for
   * `single`, `single.safetensors` and `single.json`.
   * @throws {SpeechError} `FILE_NOT_FOUND`; `MODEL_INVALID` if the configuration is damaged.
   */
  constructor(runtime: Runtime, modelPath: string) {
    const folder = join(modelPath, 'codec');
    const config = readLatentCodecConfig(join(folder, 'config.json'));
    this.#runtime = runtime;
    this.#folder = folder;
    this.config = config;
    this.encoder = new Lazy(async () =>
      LatentEncoder.load(runtime, await readWeights(folder, ENCODER), config),
    );
    this.decoder = new Lazy(async () =>
      LatentDecoder.load(runtime, await readWeights(folder, DECODER), config),
    );
    this.speechDecoder = runtime.hasSlots
      ? new Lazy(async () =>
          LatentDecoder.load(runtime, await readWeights(folder, DECODER), config, true),
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
      hashWeights(WEIGHTS[kind].map((name) => join(this.#folder, name))),
    ]);
    return new StreamingCodec(tokenCodec(this, kind, tokenizer, weightsHash));
  }

  /** Frees what was loaded, for all who share it. Safe to call twice. */
  async close(): Promise<void> {
    await Promise.all([this.encoder.close(), this.decoder.close(), this.speechDecoder.close()]);
  }

  async #loadResidual(): Promise<Tokenizer> {
    const weights = await readWeights(this.#folder, QUANTIZER);
    return ResidualQuantizer.load(this.#runtime, weights, this.config);
  }

  async #loadSingle(): Promise<Tokenizer> {
    const config = readSingleConfig(join(this.#folder, 'single.json'));
    const tensors = await readSafetensors(join(this.#folder, 'single.safetensors'));
    return TokenQuantizer.load(this.#runtime, new Weights(tensors), config);
  }
}

async function readWeights(folder: string, names: RegExp): Promise<Weights> {
  const path = join(folder, 'model.safetensors');
  return new Weights(await readSafetensors(path, (name) => names.test(name)));
}
