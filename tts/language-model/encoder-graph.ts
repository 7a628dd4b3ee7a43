import {
  convNextBlock,
  embedding,
  GraphBuilder,
  type WeightFormat,
  type Weights,
} from '../../kernels/index.js';
import type { LanguageModelConfig } from './config.js';

/**
 * Builds the text encoder: what the language model knows of each phone of a sentence.
 *
 * Inputs: `phones` and `word_start` int32 `[B, N]`, without padding. Output: `encoded` float32
 * `[B, N, D]`.
 *
 * @param weights - The model.
 * @param config - Its sizes.
 * @param weightFormat - How matrices are stored; float32 by default.
 * @returns The ONNX model.
 */
export function buildEncoderGraph(
  weights: Weights,
  config: LanguageModelConfig,
  weightFormat?: WeightFormat,
): Uint8Array {
  const g = new GraphBuilder('text_encoder', weightFormat);
  const phones = g.input('phones', 'int32', ['B', 'N']);
  const wordStart = g.input('word_start', 'int32', ['B', 'N']);
  let h = g.add(
    embedding(g, phones, weights.at('phone_emb')),
    embedding(g, wordStart, weights.at('word_start_emb')),
  );
  for (let block = 0; block < config.encoderBlocks; block++) {
    h = g.scoped(`encoder${block}`, () =>
      convNextBlock(g, h, weights.at(`encoder.${block}`), { isCausal: false }),
    );
  }
  g.output('encoded', h);
  return g.build();
}
