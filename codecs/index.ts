export type {
  Codec,
  CodecKind,
  CodecProperties,
  Codes,
  DecoderStream,
  EncodeOptions,
  EncoderStream,
} from './contract.js';
export { concatCodes, keepLevels } from './codes.js';
export type { SpectralConfig as CodecShape } from './linnet/config.js';
export { loadCodec, loadLatentDecoder } from './linnet/load-codec.js';
export { LatentDecoder, LatentDecoderStream } from './linnet/latent-decoder.js';
export { LatentEncoder, LatentEncoderStream } from './linnet/latent-encoder.js';
