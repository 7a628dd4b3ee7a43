import type { Stage, StageTotals } from './pipeline/stage-clock.js';
import type { Dictionary, UserDictionary } from './text/index.js';

/** A voice as it is listed to users. */
export type VoiceInfo = {
  /** What `SpeakOptions.voice` takes; lower case, such as `heart`. */
  id: string;
  /** For people. */
  name: string;
  /** BCP 47 tag, such as `en-US`. */
  language: string;
  /** For people, such as `British`. */
  accent: string;
  gender: 'female' | 'male' | 'neutral';
  /** One sentence. */
  description: string;
  /** What the voice was learnt from. */
  teacher: string;
  /** SPDX identifier of the terms that the voice comes under. */
  licence: string;
  /** Path of a WAV file of about two seconds. */
  sample: string;
  /** Names of other makers' voices that this one stands for. */
  aliases: string[];
};

/** When a word is spoken, in seconds from the start of the whole speech. */
export type WordTime = {
  /** The word as it was written, with its punctuation. */
  word: string;
  startSeconds: number;
  /** Never before `startSeconds`. */
  endSeconds: number;
};

/** A place in the text, and when speech comes to it. */
export type TextMark = {
  /** UTF-16 units of the text, all pieces joined, that lie before it. */
  offset: number;
  /** When the character there begins to be spoken, in seconds from the start of the whole speech. */
  seconds: number;
};

/** A piece of speech. Pieces follow each other without a gap or an overlap. */
export type SpeechChunk = {
  /** Mono samples at 24 kHz in `[-1, 1]`; may be empty in a chunk that only carries words. */
  samples: Float32Array;
  /** The words that ended since the last chunk, in order; each word comes once. */
  words: WordTime[];
  /**
   * How far the text was spoken within the samples so far: a mark for each phone that began since the
   * last chunk and each end of a word, ascending. Empty for documents, whose text is not what was given.
   */
  marks: TextMark[];
  /** In a chunk without samples: everything before the flush of this number was given. */
  flushed?: number;
  /** Where the speech stood then, if the flush asked for it: `Engine.open` goes on from it. */
  snapshot?: Uint8Array;
};

/** A part of a document: what is said in one voice, at one speed and without a longer pause. */
export type SpeechSegment = {
  /** As `Engine.speak` takes it; without words, only the pause counts. */
  text: string;
  /** Id of a voice; that of the whole speech by default. */
  voice?: string;
  /** Factor on the speed of the whole speech; 1 by default. The product is kept within 0.25 to 4. */
  speed?: number;
  /** Silence after the text, in seconds; 0 by default. */
  pauseSeconds?: number;
};

/** What an engine speaks: a text, one that is still arriving, or the segments of a document. */
export type SpeechInput =
  string | AsyncIterable<string> | { readonly segments: readonly SpeechSegment[] };

/**
 * A text that is spoken while it is written, as soon as the next few words are known. Chunks are read as
 * from any speech; reading is the back-pressure, and while no text comes it costs nothing.
 */
export interface SpeechContext extends AsyncIterableIterator<SpeechChunk, undefined> {
  /**
   * Adds to the text.
   *
   * @param text - Joined to what came before as it is: spaces between words belong into it.
   * @throws {SpeechError} `STATE_INVALID` after `finish` or `cancel`.
   */
  push(text: string): void;
  /**
   * Has everything spoken that was pushed, as if the sentence ended there. The speech goes on with what
   * is pushed next.
   *
   * @param options - `snapshot`: have the answer say where the speech stands, so that it can go on
   * elsewhere, as often as one likes.
   * @returns Its number, from 1 on; a chunk with that number in `flushed` answers it.
   * @throws {SpeechError} `STATE_INVALID` after `finish` or `cancel`.
   */
  flush(options?: { snapshot?: boolean }): number;
  /** Ends the text; the chunks end when it is spoken, which may be at once. Safe to call twice. */
  finish(): void;
  /** Ends the speech at once; chunks that were not read are dropped. Safe to call twice. */
  cancel(): void;
}

/** How a text is to be spoken. */
export type SpeakOptions = {
  /** Id of a voice; the engine's first voice by default. */
  voice?: string;
  /** Any integer from 0 to 2^32 - 1: the same seed gives the same bytes. 0 by default. */
  seed?: number;
  /** Speed as a factor, 0.25 to 4; 1 by default. */
  speed?: number;
  /** Liveliness of the language model's sampling, 0 (always the likeliest) to 2; the model's own by default. */
  temperature?: number;
  /**
   * Pronunciations for this text alone: an object of at most 1,000 words, a dictionary that was read
   * from a file, or up to 8 of these, of which later ones count before earlier ones.
   */
  dictionary?: UserDictionary | Dictionary | readonly (UserDictionary | Dictionary)[];
  /** Ends the speech with `CANCELLED`. */
  signal?: AbortSignal;
};

/** Speaking options that were checked and completed. */
export type SpeechRequest = {
  voice: string;
  seed: number;
  speed: number;
  /** Undefined for the model's own. */
  temperature: number | undefined;
  /** Whether a sentence is begun before its end is known. */
  isLive: boolean;
  /** Whether speech came before it; false by default. */
  isContinued?: boolean;
};

/** How a text is to be spoken that is still being written. */
export type OpenOptions = SpeakOptions & {
  /**
   * What a flush gave as `snapshot`, of any engine with the same models: the speech goes on from there,
   * in its voice and with its seed, speed and temperature, which must not be given then. Seconds go on
   * too; offsets of marks count from the first character of the new text.
   */
  resume?: Uint8Array;
};

/** What the command line and the server need of the engine; `Engine` is one. */
export interface SpeechEngine {
  /** Hz; 24000. */
  readonly sampleRate: number;
  /** The voices there are, the default first. */
  readonly voices: readonly VoiceInfo[];
  /** Where the models run: `cpu`, `webgpu` or `cuda`. */
  readonly device: string;
  /** Speaks at the consumer's pace; `return()` on the iterator or the signal ends it. */
  speak(input: SpeechInput, options?: SpeakOptions): AsyncIterable<SpeechChunk>;
  /** What the stages of speech took so far; undefined before the first, or where nobody counts. */
  readonly stages?: Readonly<Record<Stage, StageTotals>> | undefined;
  /** Opens a text that is spoken while it is written. */
  open(options?: OpenOptions): SpeechContext;
  /** Frees the models and their worker. */
  close(): Promise<void>;
}
