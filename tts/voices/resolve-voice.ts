import { SpeechError } from '../../base/errors.js';
import type { VoiceInfo } from '../types.js';

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
 * @param name - A voice's id in any case, or another name of it; a name of {@link OPENAI_VOICES} that
 * no voice claims means the first. A voice of our own comes first where names collide.
 * @param voices - The engine's voices, at least one.
 * @returns The voice's id.
 * @throws {SpeechError} `VOICE_UNKNOWN`.
 */
export function resolveVoice(name: string, voices: readonly VoiceInfo[]): string {
  const wanted = name.trim().toLowerCase();
  const voice =
    voices.find(({ id }) => id.toLowerCase() === wanted) ??
    voices.find(({ aliases }) => aliases.includes(wanted)) ??
    (OPENAI_VOICES.some((candidate) => candidate === wanted) ? voices[0] : undefined);
  if (voice === undefined) {
    const known = voices.map(({ id }) => id).join(', ');
    throw new SpeechError(
      'VOICE_UNKNOWN',
      `voice is ${JSON.stringify(name.slice(0, 40))}; the voices are ${known}, and OpenAI's names stand for them too.`,
    );
  }
  return voice.id;
}
