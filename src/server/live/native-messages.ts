import { z } from 'zod';
import { SpeechError } from '../../../base/errors.js';
import { MAX_SEED, MAX_TEMPERATURE } from '../../../tts/limits.js';
import { checkSpeed } from '../../../tts/time-stretch/index.js';
import type { VoiceInfo } from '../../../tts/types.js';
import { resolveVoice } from '../../../tts/voices/resolve-voice.js';
import { atSampleRate, AUDIO_FORMATS, findFormat } from '../../audio/formats.js';
import { readDictionaryField } from '../spoken-request.js';
import type { LiveOptions } from './live-session.js';

const CONTEXT_ID = z.string().min(1).max(200).default('default');

// null stands for "not given", as for HTTP requests
const OPEN = z.object({
  type: z.literal('open'),
  context_id: CONTEXT_ID,
  voice: z.union([z.string(), z.object({ id: z.string() })]).nullish(),
  format: z.string().nullish(),
  sample_rate: z.number().nullish(),
  speed: z.number().nullish(),
  seed: z.number().int().min(0).max(MAX_SEED).nullish(),
  temperature: z.number().min(0).max(MAX_TEMPERATURE).nullish(),
  dictionary: z.record(z.string(), z.string()).nullish(),
});

const MESSAGE = z.discriminatedUnion('type', [
  OPEN,
  z.object({ type: z.literal('push'), context_id: CONTEXT_ID, text: z.string() }),
  z.object({
    type: z.literal('flush'),
    context_id: CONTEXT_ID,
    flush_id: z.union([z.string().max(200), z.number()]).nullish(),
  }),
  z.object({
    type: z.literal('cancel'),
    context_id: CONTEXT_ID,
    played_ms: z.number().min(0).nullish(),
  }),
  z.object({ type: z.literal('finish'), context_id: CONTEXT_ID }),
  z.object({ type: z.literal('close') }),
]);

/** What a client of the native protocol says; docs/live.md describes it. */
export type NativeMessage = z.infer<typeof MESSAGE>;

/**
 * Reads a client's message.
 *
 * @param message - As it came.
 * @returns The message, with its defaults.
 * @throws {SpeechError} `BODY_INVALID`, with the field in `details.param` if one is to blame.
 */
export function readNativeMessage(message: string | Uint8Array): NativeMessage {
  const result = MESSAGE.safeParse(readJson(message));
  if (!result.success) {
    const issue = result.error.issues[0]!;
    const param = issue.path.join('.');
    throw new SpeechError(
      'BODY_INVALID',
      param === '' ? 'A message must be a JSON object.' : `${param}: ${issue.message}.`,
      param === '' ? {} : { param },
    );
  }
  return result.data;
}

/**
 * Reads a message's JSON.
 *
 * @param message - As it came.
 * @returns Whatever the JSON holds.
 * @throws {SpeechError} `BODY_INVALID` if it is binary or no JSON.
 */
export function readJson(message: string | Uint8Array): unknown {
  if (typeof message !== 'string') {
    throw new SpeechError(
      'BODY_INVALID',
      'The message is binary; it must be JSON in a text frame.',
    );
  }
  try {
    return JSON.parse(message);
  } catch {
    throw new SpeechError('BODY_INVALID', 'The message is not JSON.');
  }
}

/**
 * Reads how a live text is to be spoken.
 *
 * @param message - What opens it; all fields may be left out.
 * @param voices - The engine's.
 * @returns The options: 24 kHz PCM in the first voice by default.
 * @throws {SpeechError} `VOICE_UNKNOWN`, `FORMAT_UNKNOWN`, `SPEED_OUT_OF_RANGE`, `OPTION_INVALID` for the
 * sample rate, `BODY_INVALID` for the dictionary.
 */
export function readLiveOptions(
  message: Partial<z.infer<typeof OPEN>>,
  voices: readonly VoiceInfo[],
): LiveOptions {
  const { voice, format, sample_rate: sampleRate, speed, seed, temperature, dictionary } = message;
  const found = typeof format === 'string' ? findFormat(format) : AUDIO_FORMATS.pcm;
  const options: LiveOptions = {
    format: typeof sampleRate === 'number' ? atSampleRate(found, sampleRate) : found,
  };
  if (voice !== undefined && voice !== null) {
    options.voice = resolveVoice(typeof voice === 'string' ? voice : voice.id, voices);
  }
  if (typeof speed === 'number') {
    checkSpeed(speed);
    options.speed = speed;
  }
  if (typeof seed === 'number') {
    options.seed = seed;
  }
  if (typeof temperature === 'number') {
    options.temperature = temperature;
  }
  if (dictionary !== undefined && dictionary !== null) {
    options.dictionary = readDictionaryField(dictionary);
  }
  return options;
}
