/** What `import 'linnet'` gives; docs/library.md shows how it is used. */

// speech
export { Engine, type EngineOptions } from './engine/client/engine.js';
export type {
  OpenOptions,
  SpeakOptions,
  SpeechChunk,
  SpeechContext,
  SpeechInput,
  SpeechSegment,
  TextMark,
  VoiceInfo,
  WordTime,
} from './tts/types.js';
export { formatWords, type WordFormat } from './src/files/subtitles.js';

// dictionaries and documents
export { Dictionary, type UserDictionary } from './tts/text/dictionary.js';
export type { MarkupFormat, ParsedDocument } from './tts/markup/index.js';
export { readDictionary, readDocument } from './src/library/documents.js';

// codecs and their token files
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
export type { LntTags } from './codecs/lnt/lnt-header.js';
export type { LntDecodeOptions } from './codecs/lnt/decode-lnt.js';
export {
  decodeStream,
  encodeStream,
  type LntStreamOptions as LntEncodeOptions,
  type StreamPair,
} from './src/library/codec-streams.js';
export {
  readLnt,
  readLntFile,
  writeLnt,
  writeLntFile,
  type LntFileOptions,
  type LntReadOptions,
  type LntTokens,
} from './src/library/token-files.js';

// audio files
export {
  readAudioFile,
  writeAudioFile,
  type AudioFileInfo,
  type AudioSource,
} from './src/library/audio.js';
export type { AudioFormatName } from './src/audio/formats.js';

// errors
export { SpeechError, type ErrorCode, type ErrorDetails } from './base/errors.js';
