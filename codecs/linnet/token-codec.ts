import type { CodecKind, CodecProperties } from '../contract.js';
import type { FrameCodec } from '../streaming/frame-codec.js';
import { overlapOf, type LatentCodecConfig } from './config.js';
import type { LatentDecoderStream } from './decoder-stream.js';
import type { LatentDecoder } from './latent-decoder.js';
import type { LatentEncoder, LatentEncoderStream } from './latent-encoder.js';
import type { Lazy } from './lazy.js';
import type { Tokenizer, TokenSizes } from './tokenizer.js';

/** The networks between samples and latents. */
export type LatentNetworks = {
  /** Sizes. */
  readonly config: LatentCodecConfig;
  /** Samples to latents. */
  readonly encoder: Lazy<LatentEncoder>;
  /** Latents to samples. */
  readonly decoder: Lazy<LatentDecoder>;
};

/**
 * Makes a codec of the latent codec and one of its tokenizers.
 *
 * @param latents - Closing the codec leaves them open.
 * @param kind - Which tokens; part of the codec's name.
 * @param tokenizer - The networks between latents and tokens, which the codec closes with itself.
 * @param weightsHash - SHA-256 of the weights of both.
 */
export function tokenCodec(
  latents: LatentNetworks,
  kind: CodecKind,
  tokenizer: Tokenizer,
  weightsHash: string,
): FrameCodec {
  return {
    properties: describeCodec(latents.config, kind, tokenizer, weightsHash),
    overlap: overlapOf(latents.config),
    openEncoder: () => {
      let stream: LatentEncoderStream | undefined;
      const tokens = tokenizer.encoder();
      return {
        encode: async (samples) => {
          stream ??= (await latents.encoder.get()).stream();
          return tokens.encode(await stream.encode(samples));
        },
        reset: () => {
          stream?.reset();
          tokens.reset();
        },
        close: () => {
          stream?.close();
          tokens.close();
        },
      };
    },
    openDecoder: () => {
      let stream: LatentDecoderStream | undefined;
      const tokens = tokenizer.decoder();
      return {
        decode: async (codes, levels) => {
          stream ??= (await latents.decoder.get()).stream();
          return stream.push(await tokens.decode(codes, levels));
        },
        reset: () => {
          stream?.reset();
          tokens.reset();
        },
        close: () => {
          stream?.close();
          tokens.close();
        },
      };
    },
    close: () => tokenizer.close(),
  };
}

/**
 * What the latent codec with one of its tokenizers promises.
 *
 * @param config - Sizes of the latent codec.
 * @param kind - Which tokens; part of the codec's name.
 * @param tokens - Sizes of the tokenizer.
 * @param weightsHash - SHA-256 of the weights of both.
 */
export function describeCodec(
  { name, sampleRate, frameSize: latentFrameSize }: LatentCodecConfig,
  kind: CodecKind,
  { framesPerToken, numCodebooks, cardinality }: TokenSizes,
  weightsHash: string,
): CodecProperties {
  const frameSize = latentFrameSize * framesPerToken;
  return {
    kind,
    name: `${name}-${kind}`,
    sampleRate,
    channels: 1,
    frameSize,
    frameRate: sampleRate / frameSize,
    numCodebooks,
    cardinality,
    weightsHash,
  };
}
