import type { FrameCodec } from '../../streaming/frame-codec.js';
import { overlapOf, type SpectralConfig } from '../config.js';
import type { LatentDecoder, LatentDecoderStream } from '../latent-decoder.js';
import type { LatentEncoder, LatentEncoderStream } from '../latent-encoder.js';
import type { Lazy } from '../lazy.js';
import type { ResidualQuantizer } from './residual-quantizer.js';

/** The networks of the spectral codec. */
export type SpectralParts = {
  /** Sizes. */
  config: SpectralConfig;
  /** Samples to latents. */
  encoder: Lazy<LatentEncoder>;
  /** Latents to samples. */
  decoder: Lazy<LatentDecoder>;
};

/**
 * Makes the codec whose tokens are the residual levels: 50 frames a second, 8 x 10 bits each.
 *
 * @param parts - The networks, which the codec closes with itself.
 * @param quantizer - The levels, which it closes too.
 */
export function spectralCodec(parts: SpectralParts, quantizer: ResidualQuantizer): FrameCodec {
  const { config, encoder, decoder } = parts;
  const { sampleRate, frameSize, numCodebooks, cardinality } = config;
  return {
    properties: {
      name: `${config.name}-rvq`,
      sampleRate,
      channels: 1,
      frameSize,
      frameRate: sampleRate / frameSize,
      numCodebooks,
      cardinality,
    },
    overlap: overlapOf(config),
    openEncoder: () => {
      let stream: LatentEncoderStream | undefined;
      return {
        encode: async (samples) => {
          stream ??= (await encoder.get()).stream();
          return quantizer.encode(await stream.encode(samples));
        },
        reset: () => stream?.reset(),
        close: () => stream?.close(),
      };
    },
    openDecoder: () => {
      let stream: LatentDecoderStream | undefined;
      return {
        decode: async (codes, levels) => {
          stream ??= (await decoder.get()).stream();
          return stream.push(await quantizer.decode(codes, levels));
        },
        reset: () => stream?.reset(),
        close: () => stream?.close(),
      };
    },
    close: async () => {
      await Promise.all([encoder.close(), decoder.close(), quantizer.close()]);
    },
  };
}
