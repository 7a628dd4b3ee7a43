export type {
  Codec,
  CodecKind,
  CodecProperties,
  Codes,
  DecoderStream,
  EncodeOptions,
  EncoderStream,
} from './codec.js';
export { concatCodes, keepLevels } from './codes.js';
export type { SpectralConfig as CodecShape } from './spectral/config.js';
export { loadCodec, loadLatentDecoder } from './load-codec.js';
export { LatentDecoder, LatentDecoderStream } from './spectral/latent-decoder.js';
export { LatentEncoder, LatentEncoderStream } from './spectral/latent-encoder.js';
