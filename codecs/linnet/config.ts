import { SpeechError } from '../../base/errors.js';
import { ConfigReader } from '../read-config.js';

/** Sizes of the spectral codec; config.json has the same names. */
export type SpectralConfig = {
  /** Name of the model. */
  name: string;
  /** Hz. */
  sampleRate: number;
  /** Samples of a latent frame. */
  frameSize: number;
  /** Samples of the transform. */
  fftSize: number;
  /** Samples between two transforms, half a frame. */
  hop: number;
  /** Channels of the latents. */
  latentDim: number;
  /** Channels of the encoder. */
  encDim: number;
  /** Blocks of the encoder at the transform's rate, then at the latents'. */
  encBlocks: [number, number];
  /** Channels of the decoder. */
  decDim: number;
  /** Blocks of the decoder at the latents' rate, then at the transform's. */
  decBlocks: [number, number];
  /** Frames that the decoder hears before it answers for one. */
  decLookahead: number;
  /** Levels of the residual quantiser. */
  numCodebooks: number;
  /** Entries of each level. */
  cardinality: number;
};

/**
 * Reads a codec's config.json.
 *
 * @param path - The file.
 * @throws {SpeechError} `FILE_NOT_FOUND`; `MODEL_INVALID` if a field is missing or the sizes
 * contradict each other.
 */
export async function readSpectralConfig(path: string): Promise<SpectralConfig> {
  const reader = await ConfigReader.open(path);
  const config: SpectralConfig = {
    name: reader.text('name'),
    sampleRate: reader.count('sampleRate'),
    frameSize: reader.count('frameSize'),
    fftSize: reader.count('fftSize'),
    hop: reader.count('hop'),
    latentDim: reader.count('latentDim'),
    encDim: reader.count('encDim'),
    encBlocks: reader.pair('encBlocks'),
    decDim: reader.count('decDim'),
    decBlocks: reader.pair('decBlocks'),
    decLookahead: reader.natural('decLookahead'),
    numCodebooks: reader.count('numCodebooks'),
    cardinality: reader.count('cardinality'),
  };
  if (config.frameSize !== 2 * config.hop || config.cardinality > 2 ** 16) {
    throw new SpeechError(
      'MODEL_INVALID',
      `${path}: frameSize must be twice the hop, and cardinality at most 65536.`,
      { path },
    );
  }
  return config;
}

/**
 * Samples by which decoded audio trails its frames: what the decoder waits for, and what later
 * transforms still add to. 1680 (70 ms) for a look-ahead of two frames of 480 samples.
 *
 * @param config - The codec's sizes.
 */
export function overlapOf({ fftSize, hop, frameSize, decLookahead }: SpectralConfig): number {
  return fftSize - hop + decLookahead * frameSize;
}
