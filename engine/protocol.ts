import type { SpeechErrorBody } from '../base/errors.js';
import type { DictionaryData } from '../tts/text/index.js';
import type { SpeechChunk, SpeechRequest, VoiceInfo } from '../tts/types.js';

/** Where the networks run and with how much; see `EngineOptions`. */
export type EngineWorkerData = {
  device: 'auto' | 'cpu' | 'webgpu' | 'cuda';
  /** Threads of the CPU provider; undefined leaves the choice to the worker. */
  threads: number | undefined;
  precision: 'auto' | 'float32' | 'quantized';
  /** Folder that holds the models, absolute. */
  modelPath: string;
  /** Load and warm up the speech models before saying `ready`; otherwise at the first request. */
  warmUp: boolean;
};

/** What the main thread asks of the engine worker. `speech` numbers a stream of speech. */
export type EngineCommand =
  /** `dictionaries`: numbers of dictionaries that were sent before. */
  | { type: 'speak'; speech: number; request: SpeechRequest; dictionaries: number[] }
  /** Keeps a dictionary until it is forgotten; what speaks by it keeps it on. */
  | { type: 'dictionary'; dictionary: number; data: DictionaryData }
  | { type: 'forgetDictionary'; dictionary: number }
  /** The next piece of text, in answer to `textWanted`; `isLast` ends the text. */
  | { type: 'text'; speech: number; text: string; isLast: boolean }
  /** The consumer took so many more samples. */
  | { type: 'consumed'; speech: number; numSamples: number }
  | { type: 'cancel'; speech: number }
  /** Calls a method of an object that lives in the worker; object 0 is the engine itself. */
  | { type: 'call'; call: number; object: number; method: string; args: unknown[] }
  | { type: 'close' };

/** What the engine worker tells the main thread. */
export type EngineEvent =
  | { type: 'ready'; voices: VoiceInfo[]; device: string }
  | { type: 'loadFailed'; error: SpeechErrorBody }
  | { type: 'textWanted'; speech: number }
  | { type: 'chunk'; speech: number; chunk: SpeechChunk }
  | { type: 'end'; speech: number }
  | { type: 'failed'; speech: number; error: SpeechErrorBody }
  | { type: 'returned'; call: number; value: unknown }
  | { type: 'threw'; call: number; error: SpeechErrorBody };

/** The events that belong to one stream of speech. */
export type SpeechEvent = Extract<EngineEvent, { speech: number }>;
