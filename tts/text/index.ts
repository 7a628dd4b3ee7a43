export { TextFrontEnd, type TextFrontEndOptions } from './front-end.js';
export { Dictionary, type DictionaryData, type UserDictionary } from './dictionary.js';
export { readDictionary } from './dictionary-file.js';
export { isPhone, PAUSES, PHONES, type Pause } from './phone-set.js';
export type { PartOfSpeech } from './part-of-speech.js';
export { Pronouncer } from './pronouncer.js';
export { TextStream } from './text-stream.js';
export type {
  PhoneSource,
  PhoneToken,
  PronunciationGuesser,
  SpokenWord,
  Utterance,
} from './types.js';
