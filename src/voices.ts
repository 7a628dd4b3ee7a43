import { SpeechError } from './errors.js';
import type { VoiceInfo } from './speech-engine.js';

/** OpenAI's built-in voices. Clients check against this list before they send anything. */
export const OPENAI_VOICES = [
  'alloy',
  'ash',
  'ballad',
  'coral',
  'echo',
  'fable',
  'onyx',
  'nova',
  'sage',
  'shimmer',
  'verse',
  'marin',
  'cedar',
] as const;

/**
 * Finds the voice a caller means.
 *
 * @param name - A voice's id in any case, or one of {@link OPENAI_VOICES}: these are spread over the
 * voices there are, `alloy` being the first. A voice of our own comes first where names collide.
 * @param voices - The engine's voices, at least one.
 * @returns The voice's id.
 * @throws {SpeechError} `VOICE_UNKNOWN`.
 */
export function resolveVoice(name: string, voices: readonly VoiceInfo[]): string {
  const wanted = name.trim().toLowerCase();
  const own = voices.find(({ id }) => id.toLowerCase() === wanted);
  if (own !== undefined) {
    return own.id;
  }
  const alias = OPENAI_VOICES.findIndex((candidate) => candidate === wanted);
  const aliased = alias < 0 ? undefined : voices[alias % voices.length];
  if (aliased === undefined) {
    const known = voices.map(({ id }) => id).join(', ');
    throw new SpeechError(
      'VOICE_UNKNOWN',
      `voice is ${JSON.stringify(name.slice(0, 40))}; the voices are ${known}, and OpenAI's names stand for them too.`,
    );
  }
  return aliased.id;
}
