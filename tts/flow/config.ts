import { z } from 'zod';
import { count, natural, readConfig, voiceRows } from '../../base/config-file.js';

const FLOW_CONFIG = z
  .object({
    /** Channels of the codec's latents, `Z`. */
    latentDim: count,
    /** Channels of the velocity network. */
    dim: count,
    /** Blocks of the velocity network. */
    blocks: natural,
    /** Blocks over the tokens. */
    condBlocks: natural,
    /** Width of the time features. */
    timeDim: count.multipleOf(2),
    /** Latent frames of a token. */
    framesPerToken: count,
    /** Tokens beyond its own that a frame depends on. */
    lookahead: natural,
    /** Tokens, those that stand for none aside. */
    cardinality: count,
    /** Phones of the set; 0 stands for the one of a token after the last. */
    numPhones: count,
    /** What stands for the tokens after the last. */
    padToken: natural,
    /** Euler steps from noise to latents. */
    eulerSteps: count,
    /** What the noise is multiplied by: less is calmer, and 0 gives the mean. */
    noiseScale: z.number().nonnegative(),
    /** Ids of the voices, in the order of the model's rows. */
    voices: voiceRows,
  })
  .transform(({ voices, ...sizes }) => ({ ...sizes, voiceIds: voices }));

/** Sizes and defaults of a flow model, from its `config.json`. */
export type FlowConfig = z.infer<typeof FLOW_CONFIG>;

/**
 * Reads a flow model's configuration.
 *
 * @param path - Its `config.json`.
 * @throws {SpeechError} `FILE_NOT_FOUND`; `MODEL_INVALID` if a field is missing or out of range.
 */
export function readFlowConfig(path: string): FlowConfig {
  return readConfig(path, FLOW_CONFIG);
}
