import type { ModelConfig } from '../model-config.js';

/** Sizes and defaults of a language model, from its `config.json`. */
export type LanguageModelConfig = {
  /** Width of the residual stream, `D`. */
  dim: number;
  /** Blocks of the text encoder. */
  encoderBlocks: number;
  /** Gated linear attention layers, `L`. */
  numLayers: number;
  numHeads: number;
  /** Per head, `dk`. */
  keyDim: number;
  /** Per head, `dv`. */
  valueDim: number;
  /** What the log decay is divided by. */
  gateNormalizer: number;
  /** Phones that the pointer can move in a step, at most. */
  maxAdvance: number;
  /** Entries of the dwell embedding; longer dwells share the last. */
  dwellEntries: number;
  /** Tokens, the one before the first aside. */
  cardinality: number;
  /** Size of the phone set. */
  numPhones: number;
  /** The phone set, in the order of its indices. */
  phones: string[];
  /** Samples of a token. */
  samplesPerToken: number;
  /** What stands for the token before the first. */
  startToken: number;
  /** Tokens that sampling considers, at most. */
  topK: number;
  /** Probability mass of the tokens that sampling considers. */
  topP: number;
  /** Default temperature. */
  temperature: number;
  /** Sample of the audio that the middle of token 0 stands for. */
  pointerOffset: number;
  /** The voices, in the order of the model's rows. */
  voiceIds: string[];
};

/**
 * Reads a language model's configuration.
 *
 * @param config - Its `config.json`.
 * @throws {SpeechError} `MODEL_INVALID` if something is missing.
 */
export function readLanguageModelConfig(config: ModelConfig): LanguageModelConfig {
  return {
    dim: config.number('dim'),
    encoderBlocks: config.number('encoderBlocks'),
    numLayers: config.number('layers'),
    numHeads: config.number('heads'),
    keyDim: config.number('keyDim'),
    valueDim: config.number('valueDim'),
    gateNormalizer: config.number('gateNormalizer'),
    maxAdvance: config.number('maxAdvance'),
    dwellEntries: config.number('dwellEntries'),
    cardinality: config.number('cardinality'),
    numPhones: config.number('numPhones'),
    phones: config.strings('phones'),
    samplesPerToken: config.number('samplesPerToken'),
    startToken: config.number('startToken'),
    topK: config.number('topK'),
    topP: config.number('topP'),
    temperature: config.number('temperature'),
    pointerOffset: config.number('pointerOffset'),
    voiceIds: config.voiceIds(),
  };
}
