import { z } from 'zod';
import { count, natural, readConfig, voiceRows } from '../../base/config-file.js';

const LANGUAGE_MODEL_CONFIG = z
  .object({
    /** Width of the residual stream, `D`. */
    dim: count,
    /** Blocks of the text encoder. */
    encoderBlocks: natural,
    /** Phones that a block of the text encoder looks at, an odd number. */
    encoderKernel: count,
    /** Gated linear attention layers, `L`. */
    layers: count,
    heads: count,
    /** Per head, `dk`. */
    keyDim: count,
    /** Per head, `dv`. */
    valueDim: count,
    /** What the log decay is divided by. */
    gateNormalizer: z.number().positive(),
    /** Phones that the pointer can move in a step, at most. */
    maxAdvance: count,
    /** Entries of the dwell embedding; longer dwells share the last. */
    dwellEntries: count,
    /** Tokens, the one before the first aside. */
    cardinality: count,
    /** Size of the phone set. */
    numPhones: count,
    /** The phone set, in the order of its indices. */
    phones: z.array(z.string()),
    /** Samples of a token. */
    samplesPerToken: count,
    /** What stands for the token before the first. */
    startToken: natural,
    /** Tokens that sampling considers, at most. */
    topK: count,
    /** Probability mass of the tokens that sampling considers. */
    topP: z.number().positive().max(1),
    /** Default temperature; 0 takes the likeliest token. */
    temperature: z.number().nonnegative(),
    /** Sample of the audio that the middle of token 0 stands for. */
    pointerOffset: natural,
    /** Ids of the voices, in the order of the model's rows. */
    voices: voiceRows,
  })
  .transform(({ layers, heads, voices, ...rest }) => ({
    ...rest,
    numLayers: layers,
    numHeads: heads,
    voiceIds: voices,
  }));

/** Sizes and defaults of a language model, from its `config.json`. */
export type LanguageModelConfig = z.infer<typeof LANGUAGE_MODEL_CONFIG>;

/**
 * Reads a language model's configuration.
 *
 * @param path - Its `config.json`.
 * @throws {SpeechError} `FILE_NOT_FOUND`; `MODEL_INVALID` if a field is missing or out of range.
 */
export function readLanguageModelConfig(path: string): LanguageModelConfig {
  return readConfig(path, LANGUAGE_MODEL_CONFIG);
}
