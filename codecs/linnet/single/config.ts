import { z } from 'zod';
import { blockPair, count, readConfig } from '../../../base/config-file.js';
import type { TokenSizes } from '../tokenizer.js';

const SINGLE_CONFIG = z
  .object({
    /** Channels of the codec's latents. */
    latentDim: count,
    /** Channels inside. */
    dim: count,
    /** Blocks of the encoder at the latents' rate, then at the tokens'. */
    encBlocks: blockPair,
    /** Blocks of the decoder at the tokens' rate, then at the latents'. */
    decBlocks: blockPair,
    /** Steps of each number of the code; their product is the number of tokens. */
    levels: z.array(count).min(1),
  })
  .refine(({ levels }) => product(levels) <= 2 ** 16, 'levels make more than 65536 tokens');

/** Sizes of the single-token quantiser, from its `single.json`. */
export type SingleConfig = z.infer<typeof SINGLE_CONFIG>;

/** Latent frames of one token. */
const FRAMES_PER_TOKEN = 2;

/**
 * Reads the quantiser's configuration.
 *
 * @param path - Its `single.json`.
 * @throws {SpeechError} `FILE_NOT_FOUND`; `MODEL_INVALID` if a field is missing or there are more
 * than 65536 tokens.
 */
export function readSingleConfig(path: string): SingleConfig {
  return readConfig(path, SINGLE_CONFIG);
}

/**
 * What the single tokens are like.
 *
 * @param config - The quantiser's sizes.
 */
export function singleSizes({ levels }: SingleConfig): TokenSizes {
  return { framesPerToken: FRAMES_PER_TOKEN, numCodebooks: 1, cardinality: product(levels) };
}

function product(factors: readonly number[]): number {
  return factors.reduce((result, factor) => result * factor, 1);
}
