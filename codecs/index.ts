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
export type { LatentCodecConfig } from './linnet/config.js';
export { LatentCodec } from './linnet/latent-codec.js';
export { LatentDecoderStream, type DecoderPiece } from './linnet/decoder-stream.js';
export { LatentDecoder } from './linnet/latent-decoder.js';
export { LatentEncoder, LatentEncoderStream } from './linnet/latent-encoder.js';
