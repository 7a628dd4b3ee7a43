import type { ModelConfig } from '../model-config.js';

/** Sizes and defaults of a flow model, from its `config.json`. */
export type FlowConfig = {
  /** Channels of the codec's latents, `Z`. */
  latentDim: number;
  /** Channels of the velocity network. */
  dim: number;
  /** Blocks of the velocity network. */
  blocks: number;
  /** Blocks over the tokens. */
  condBlocks: number;
  /** Width of the time features, even. */
  timeDim: number;
  /** Latent frames of a token. */
  framesPerToken: number;
  /** Tokens beyond its own that a frame depends on. */
  lookahead: number;
  /** Tokens, those that stand for none aside. */
  cardinality: number;
  /** Phones of the set; 0 stands for the one of a token after the last. */
  numPhones: number;
  /** What stands for the tokens after the last. */
  padToken: number;
  /** Euler steps from noise to latents. */
  eulerSteps: number;
  /** What the noise is multiplied by: less is calmer. */
  noiseScale: number;
  /** The voices, in the order of the model's rows. */
  voiceIds: string[];
};

/**
 * Reads a flow model's configuration.
 *
 * @param config - Its `config.json`.
 * @throws {SpeechError} `MODEL_INVALID` if something is missing.
 */
export function readFlowConfig(config: ModelConfig): FlowConfig {
  return {
    latentDim: config.number('latentDim'),
    dim: config.number('dim'),
    blocks: config.number('blocks'),
    condBlocks: config.number('condBlocks'),
    timeDim: config.number('timeDim'),
    framesPerToken: config.number('framesPerToken'),
    lookahead: config.number('lookahead'),
    cardinality: config.number('cardinality'),
    numPhones: config.number('numPhones'),
    padToken: config.number('padToken'),
    eulerSteps: config.number('eulerSteps'),
    noiseScale: config.number('noiseScale'),
    voiceIds: config.voiceIds(),
  };
}
