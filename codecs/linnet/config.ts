import { z } from 'zod';
import { blockPair, count, natural, readConfig } from '../../base/config-file.js';

const LATENT_CODEC_CONFIG = z
  .object({
    /** Name of the model. */
    name: z.string().min(1),
    /** Hz. */
    sampleRate: count,
    /** Samples of a latent frame. */
    frameSize: count,
    /** Samples of the transform. */
    fftSize: count,
    /** Samples between two transforms, half a frame. */
    hop: count,
    /** Channels of the latents. */
    latentDim: count,
    /** Channels of the encoder. */
    encDim: count,
    /** Blocks of the encoder at the transform's rate, then at the latents'. */
    encBlocks: blockPair,
    /** Channels of the decoder. */
    decDim: count,
    /** Blocks of the decoder at the latents' rate, then at the transform's. */
    decBlocks: blockPair,
    /** Frames that the decoder hears before it answers for one. */
    decLookahead: natural,
    /** Levels of the residual quantiser. */
    numCodebooks: count,
    /** Entries of each level. */
    cardinality: count.max(2 ** 16),
  })
  .refine(({ frameSize, hop }) => frameSize === 2 * hop, 'frameSize must be twice the hop');

/** Sizes of the latent codec, from its `config.json`. */
export type LatentCodecConfig = z.infer<typeof LATENT_CODEC_CONFIG>;

/**
 * Reads a codec's configuration.
 *
 * @param path - Its `config.json`.
 * @throws {SpeechError} `FILE_NOT_FOUND`; `MODEL_INVALID` if a field is missing or the sizes
 * contradict each other.
 */
export function readLatentCodecConfig(path: string): LatentCodecConfig {
  return readConfig(path, LATENT_CODEC_CONFIG);
}

/**
 * Samples by which decoded audio trails its frames: what the decoder waits for, and what later
 * transforms still add to. 1680 (70 ms) for a look-ahead of two frames of 480 samples.
 *
 * @param config - The codec's sizes.
 */
export function overlapOf({ fftSize, hop, frameSize, decLookahead }: LatentCodecConfig): number {
  return fftSize - hop + decLookahead * frameSize;
}
