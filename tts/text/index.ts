export { TextFrontEnd, TextStream, type TextFrontEndOptions } from './front-end.js';
export type { UserDictionary } from './lexicon.js';
export { isPhone, PAUSES, PHONES, type Pause } from './phone-set.js';
export { Pronouncer } from './pronouncer.js';
export type { PhoneToken, PronunciationGuesser, SpokenWord, Utterance } from './types.js';
