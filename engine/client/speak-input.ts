import type { ParsedDocument } from '../../tts/markup/index.js';
import type { SpeakOptions, SpeechChunk, SpeechEngine } from '../../tts/types.js';
import { speakSegments } from './segment-speech.js';

/**
 * Speaks a text, or the segments of a document as one stream.
 *
 * @param engine - What speaks.
 * @param input - As `SpeechEngine.speak` takes it, or a document.
 * @param options - See there.
 * @returns Chunks.
 */
export function speakInput(
  engine: SpeechEngine,
  input: string | AsyncIterable<string> | ParsedDocument,
  options: SpeakOptions,
): AsyncIterable<SpeechChunk> {
  return typeof input === 'object' && 'segments' in input
    ? speakSegments(engine, input.segments, options)
    : engine.speak(input, options);
}
