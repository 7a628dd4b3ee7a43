import type { SpeakOptions, SpeechChunk, VoiceInfo } from '../tts/types.js';

export type { SpeakOptions, SpeechChunk, VoiceInfo };

/** What the command line and the server need of `tts/engine.ts`; its `Engine` is one. */
export interface SpeechEngine {
  /** Hz; 24000. */
  readonly sampleRate: number;
  /** The voices there are, the default first. */
  readonly voices: readonly VoiceInfo[];
  /** Where the models run: `cpu`, `webgpu` or `cuda`. */
  readonly device: string;
  /** Speaks at the consumer's pace; `return()` on the iterator or the signal ends it. */
  speak(text: string | AsyncIterable<string>, options?: SpeakOptions): AsyncIterable<SpeechChunk>;
  /** Frees the models and their worker. */
  close(): Promise<void>;
}
