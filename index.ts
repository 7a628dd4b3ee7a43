/** What `import 'linnet'` gives: the engine, its codecs, the types of both, and the errors. */
export { SpeechError, type ErrorCode } from './base/errors.js';
export { concatCodes, keepLevels } from './codecs/codes.js';
export type {
  Codec,
  CodecKind,
  CodecProperties,
  Codes,
  DecoderStream,
  EncodeOptions,
  EncoderStream,
} from './codecs/contract.js';
export { Engine, type EngineOptions } from './engine/client/engine.js';
export type { SpeakOptions, SpeechChunk, VoiceInfo, WordTime } from './tts/types.js';
