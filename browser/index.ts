/** What `import 'linnet/browser'` gives: no module of Node's is imported from here on. */
export { LntDecoder } from './lnt-decoder.js';
export type { LntDecoderOptions, LntLoadOptions, LntPlayOptions } from './lnt-decoder.js';
export { fetchDecoder, type DecoderFiles, type FetchOptions } from './fetch-decoder.js';
export type { ByteStream } from './byte-stream.js';
export type { OnnxRuntime, OrtSession, OrtSessionOptions, OrtTensor } from './onnx-runtime.js';
export type { CodecKind, CodecProperties, Codes, DecoderStream } from '../codecs/contract.js';
export type {
  ExportedDecoder,
  ExportedState,
  ExportedWeights,
} from '../codecs/exported-decoder.js';
export type { LntHeader, LntTags } from '../codecs/lnt/lnt-header.js';
export { SpeechError, type ErrorCode, type ErrorDetails } from '../base/errors.js';
