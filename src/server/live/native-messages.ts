import { z } from 'zod';
import { SpeechError } from '../../../base/errors.js';
import { checkSpeed } from '../../../tts/time-stretch/index.js';
import type { VoiceInfo } from '../../../tts/types.js';
import { resolveVoice } from '../../../tts/voices/resolve-voice.js';
import { atSampleRate, AUDIO_FORMATS, findFormat } from '../../audio/formats.js';
import { readTuning, SPEECH_SCHEMA, withLevels } from '../speech-request.js';
import type { LiveOptions } from './live-session.js';
import { readJson } from './read-json.js';

const CONTEXT_ID = z.string().min(1).max(200).default('default');

// null stands for "not given", as for HTTP requests
const OPEN = SPEECH_SCHEMA.pick({
  speed: true,
  seed: true,
  temperature: true,
  dictionary: true,
  levels: true,
}).extend({
  type: z.literal('open'),
  context_id: CONTEXT_ID,
  voice: SPEECH_SCHEMA.shape.voice.nullish(),
  format: z.string().nullish(),
  sample_rate: z.number().nullish(),
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
 * Reads how a live text is to be spoken.
 *
 * @param message - What opens it; all fields may be left out.
 * @param voices - The engine's.
 * @returns The options: 24 kHz PCM in the first voice by default.
 * @throws {SpeechError} `VOICE_UNKNOWN`, `FORMAT_UNKNOWN`, `SPEED_OUT_OF_RANGE`, `OPTION_INVALID` for the
 * sample rate, `BODY_INVALID` for the dictionary and the levels.
 */
export function readLiveOptions(
  message: Partial<z.infer<typeof OPEN>>,
  voices: readonly VoiceInfo[],
): LiveOptions {
  const { voice, format, sample_rate: sampleRate, speed } = message;
  const named = typeof format === 'string' ? findFormat(format) : AUDIO_FORMATS.pcm;
  const found = withLevels(named, message.levels);
  const options: LiveOptions = {
    format: typeof sampleRate === 'number' ? atSampleRate(found, sampleRate) : found,
    ...readTuning(message),
  };
  if (voice !== undefined && voice !== null) {
    options.voice = resolveVoice(typeof voice === 'string' ? voice : voice.id, voices);
  }
  if (typeof speed === 'number') {
    checkSpeed(speed);
    options.speed = speed;
  }
  return options;
}
