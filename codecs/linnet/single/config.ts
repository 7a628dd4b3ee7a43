import { SpeechError } from '../../../base/errors.js';
import { ConfigReader } from '../../read-config.js';

/** Sizes of the single-token quantiser; single.json has the same names. */
export type SingleConfig = {
  /** Channels of the codec's latents. */
  latentDim: number;
  /** Channels inside. */
  dim: number;
  /** Blocks of the encoder at the latents' rate, then at the tokens'. */
  encBlocks: [number, number];
  /** Blocks of the decoder at the tokens' rate, then at the latents'. */
  decBlocks: [number, number];
  /** Steps of each number of the code; their product is the number of tokens. */
  levels: number[];
};

/** Latent frames of one token. */
export const FRAMES_PER_TOKEN = 2;

/**
 * Reads the quantiser's single.json.
 *
 * @param path - The file.
 * @throws {SpeechError} `FILE_NOT_FOUND`; `MODEL_INVALID` if a field is missing or there are more
 * than 65536 tokens.
 */
export async function readSingleConfig(path: string): Promise<SingleConfig> {
  const reader = await ConfigReader.open(path);
  const config: SingleConfig = {
    latentDim: reader.count('latentDim'),
    dim: reader.count('dim'),
    encBlocks: reader.pair('encBlocks'),
    decBlocks: reader.pair('decBlocks'),
    levels: reader.counts('levels'),
  };
  if (cardinalityOf(config) > 2 ** 16) {
    throw new SpeechError('MODEL_INVALID', `${path}: levels make more than 65536 tokens.`, {
      path,
    });
  }
  return config;
}

/**
 * Counts the tokens.
 *
 * @param config - The quantiser's sizes.
 */
export function cardinalityOf({ levels }: SingleConfig): number {
  return levels.reduce((product, level) => product * level, 1);
}
