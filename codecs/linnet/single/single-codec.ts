import type { FrameCodec } from '../../streaming/frame-codec.js';
import { overlapOf } from '../config.js';
import type { LatentDecoderStream } from '../latent-decoder.js';
import type { LatentEncoderStream } from '../latent-encoder.js';
import type { SpectralParts } from '../rvq/rvq-codec.js';
import { cardinalityOf, FRAMES_PER_TOKEN, type SingleConfig } from './config.js';
import type { TokenQuantizer } from './token-quantizer.js';

/**
 * Makes the codec whose tokens are those of the language model: one each 40 ms.
 *
 * @param parts - The networks of the spectral codec around it, which the codec closes with itself.
 * @param quantizer - Latents to tokens and back, which it closes too.
 * @param config - Its sizes.
 */
export function singleCodec(
  parts: SpectralParts,
  quantizer: TokenQuantizer,
  config: SingleConfig,
): FrameCodec {
  const { encoder, decoder } = parts;
  const { name, sampleRate, frameSize } = parts.config;
  return {
    properties: {
      name: `${name}-single`,
      sampleRate,
      channels: 1,
      frameSize: FRAMES_PER_TOKEN * frameSize,
      frameRate: sampleRate / frameSize / FRAMES_PER_TOKEN,
      numCodebooks: 1,
      cardinality: cardinalityOf(config),
    },
    overlap: overlapOf(parts.config),
    openEncoder: () => {
      let stream: LatentEncoderStream | undefined;
      const state = quantizer.encoderState();
      return {
        encode: async (samples) => {
          stream ??= (await encoder.get()).stream();
          return quantizer.encode(await stream.encode(samples), state);
        },
        reset: () => {
          stream?.reset();
          state.reset();
        },
        close: () => {
          stream?.close();
          state.close();
        },
      };
    },
    openDecoder: () => {
      let stream: LatentDecoderStream | undefined;
      const state = quantizer.decoderState();
      return {
        decode: async (codes) => {
          stream ??= (await decoder.get()).stream();
          return stream.push(await quantizer.decode(codes, state));
        },
        reset: () => {
          stream?.reset();
          state.reset();
        },
        close: () => {
          stream?.close();
          state.close();
        },
      };
    },
    close: async () => {
      await Promise.all([encoder.close(), decoder.close(), quantizer.close()]);
    },
  };
}
