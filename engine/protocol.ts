import type { SpeechErrorBody } from '../base/errors.js';
import type { CodecKind, CodecProperties, Codes, EncodeOptions } from '../codecs/contract.js';
import type { DictionaryData } from '../tts/text/index.js';
import type { Stage, StageTotals } from '../tts/pipeline/stage-clock.js';
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

/**
 * What the main thread calls in the worker's codecs, which are loaded when they are first named. A
 * stream goes by the number that opening it returned.
 */
export type CodecCalls = {
  describe(kind: CodecKind): CodecProperties;
  encode(kind: CodecKind, pcm: Float32Array, options?: EncodeOptions): Codes;
  encodeBatch(kind: CodecKind, pcms: readonly Float32Array[], options?: EncodeOptions): Codes[];
  decode(kind: CodecKind, codes: Codes): Float32Array;
  openEncoder(kind: CodecKind, options?: EncodeOptions): number;
  openDecoder(kind: CodecKind): number;
  pushSamples(encoder: number, pcm: Float32Array): Codes;
  pushCodes(decoder: number, codes: Codes): Float32Array;
  flushEncoder(encoder: number): Codes;
  flushDecoder(decoder: number): Float32Array;
  resetStream(stream: number): void;
  closeStream(stream: number): void;
};

/** One of {@link CodecCalls}, on its way to the worker; `call` numbers the answer. */
export type CodecCommand = {
  [Method in keyof CodecCalls]: {
    type: 'codec';
    call: number;
    method: Method;
    args: Parameters<CodecCalls[Method]>;
  };
}[keyof CodecCalls];

/** What the main thread asks of the engine worker. `speech` numbers a stream of speech. */
export type EngineCommand =
  /**
   * `text` is the beginning of the text, as far as it is known; `isLast` if it is all of it.
   * `dictionaries`: numbers of dictionaries that were sent before. `resume`: where to go on from, which
   * then has the request's options too.
   */
  | {
      type: 'speak';
      speech: number;
      request: SpeechRequest;
      text: string;
      isLast: boolean;
      dictionaries: number[];
      resume?: Uint8Array;
    }
  /** Keeps a dictionary until it is forgotten; what speaks by it keeps it on. */
  | { type: 'dictionary'; dictionary: number; data: DictionaryData }
  | { type: 'forgetDictionary'; dictionary: number }
  /** The next piece of text, in answer to `textWanted`; `isLast` ends the text, `flush` a sentence. */
  | {
      type: 'text';
      speech: number;
      text: string;
      isLast: boolean;
      flush?: number;
      hasSnapshot?: boolean;
    }
  /** The consumer took so many more samples. */
  | { type: 'consumed'; speech: number; numSamples: number }
  | { type: 'cancel'; speech: number }
  | CodecCommand
  | { type: 'close' };

/** What the engine worker tells the main thread. */
export type EngineEvent =
  | { type: 'ready'; voices: VoiceInfo[]; device: string }
  /** What the stages of speech took since the start; comes while there is any, now and then. */
  | { type: 'stages'; totals: Readonly<Record<Stage, StageTotals>> }
  | { type: 'loadFailed'; error: SpeechErrorBody }
  | { type: 'textWanted'; speech: number }
  | { type: 'chunk'; speech: number; chunk: SpeechChunk }
  | { type: 'end'; speech: number }
  | { type: 'failed'; speech: number; error: SpeechErrorBody }
  | { type: 'returned'; call: number; value: ReturnType<CodecCalls[keyof CodecCalls]> }
  | { type: 'threw'; call: number; error: SpeechErrorBody };

/** The events that belong to one stream of speech. */
export type SpeechEvent = Extract<EngineEvent, { speech: number }>;
