import { join } from 'node:path';
import { readSafetensors, Weights } from '../../kernels/index.js';
import type { CodecKind } from '../contract.js';
import { readLatentCodecConfig, type LatentCodecConfig } from './config.js';
import { readSingleConfig, type SingleConfig } from './single/config.js';
import { hashWeights } from './weights-hash.js';

/** First letters of the tensors that each part of the codec reads; the files have nothing to spare. */
const PARTS = {
  encoder: /^(enc|down)/,
  decoder: /^(dec|up|norm|head)/,
  quantizer: /^vq\./,
} as const;
const WEIGHTS = 'model.safetensors';
const SINGLE_WEIGHTS = 'single.safetensors';
/** The files of a tokenizer's weights and of what it shares with the others. */
const HASHED: Readonly<Record<CodecKind, readonly string[]>> = {
  rvq: [WEIGHTS],
  single: [WEIGHTS, SINGLE_WEIGHTS],
};

/** The codec's files in the folder of the models. */
export class CodecFiles {
  readonly #folder: string;

  /**
   * @param modelPath - Folder that holds `codec/` with `model.safetensors`, `config.json` and, for
   * `single`, `single.safetensors` and `single.json`.
   */
  constructor(modelPath: string) {
    this.#folder = join(modelPath, 'codec');
  }

  /** Reads the sizes. @throws {SpeechError} `FILE_NOT_FOUND`; `MODEL_INVALID` if they are damaged. */
  readConfig(): LatentCodecConfig {
    return readLatentCodecConfig(join(this.#folder, 'config.json'));
  }

  /**
   * Reads the weights of a part of the codec.
   *
   * @param part - The residual levels are the `quantizer`.
   * @throws {SpeechError} `FILE_NOT_FOUND`; `MODEL_INVALID` if the file is damaged.
   */
  async readWeights(part: keyof typeof PARTS): Promise<Weights> {
    const path = join(this.#folder, WEIGHTS);
    return new Weights(await readSafetensors(path, (name) => PARTS[part].test(name)));
  }

  /** Reads the quantiser of single tokens. @throws {SpeechError} As {@link readWeights}. */
  async readSingle(): Promise<{ weights: Weights; config: SingleConfig }> {
    const config = readSingleConfig(join(this.#folder, 'single.json'));
    const weights = new Weights(await readSafetensors(join(this.#folder, SINGLE_WEIGHTS)));
    return { weights, config };
  }

  /**
   * Tells the weights from others.
   *
   * @param kind - Which tokens.
   * @returns SHA-256 as 64 hexadecimal digits in lower case.
   * @throws {SpeechError} `FILE_NOT_FOUND`, `FILE_READ_FAILED`.
   */
  hashWeights(kind: CodecKind): Promise<string> {
    return hashWeights(HASHED[kind].map((name) => join(this.#folder, name)));
  }
}
