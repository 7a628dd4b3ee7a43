import { z } from 'zod';
import { SpeechError } from '../../../base/errors.js';
import { MAX_SEED } from '../../../tts/limits.js';
import { checkSpeed } from '../../../tts/time-stretch/index.js';
import type { VoiceInfo } from '../../../tts/types.js';
import { resolveVoice } from '../../../tts/voices/resolve-voice.js';
import { checkText } from '../../files/text-input.js';
import { findModel } from '../models.js';
import { parseBody } from '../parse-body.js';
import type { AudioRequest } from '../speech-request.js';
import { DEFAULT_OUTPUT_FORMAT, findOutputFormat } from './output-format.js';

/** ElevenLabs' settings of a voice; those that Linnet has nothing for are not looked at. */
export const VOICE_SETTINGS = z.object({ speed: z.number().nullish() });

/** The body of `POST /v1/text-to-speech/:voice`. Null stands for "not given". */
export const ELEVENLABS_SCHEMA = z.object({
  text: z.string(),
  model_id: z.string().nullish(),
  voice_settings: VOICE_SETTINGS.nullish(),
  seed: z.number().int().min(0).max(MAX_SEED).nullish(),
});

/**
 * Checks a request in ElevenLabs' form. Fields it does not know are ignored, as are `language_code`,
 * `apply_text_normalization` (it is always applied) and the texts and requests around this one.
 *
 * @param given - `body`: whatever the JSON held; `voice`: of the address; `query`: the address's.
 * @param context - The engine's voices, and the longest `text` in UTF-16 units.
 * @returns The request.
 * @throws {SpeechError} `BODY_INVALID` with the field in `details.param`, or `MODEL_NOT_FOUND`,
 * `TEXT_EMPTY`, `TEXT_TOO_LONG`, `VOICE_UNKNOWN`, `FORMAT_UNKNOWN`, `SPEED_OUT_OF_RANGE`.
 */
export function parseElevenLabsRequest(
  given: { body: unknown; voice: string; query: Record<string, unknown> },
  context: { voices: readonly VoiceInfo[]; maxInput: number },
): AudioRequest {
  const fields = parseBody(ELEVENLABS_SCHEMA, given.body);
  checkModel(fields.model_id ?? undefined);
  const speed = fields.voice_settings?.speed ?? 1;
  checkSpeed(speed);
  const request: AudioRequest = {
    text: checkText(fields.text, context.maxInput),
    voice: resolveVoice(given.voice, context.voices),
    format: findOutputFormat(readQuery(given.query, 'output_format') ?? DEFAULT_OUTPUT_FORMAT),
    speed,
  };
  if (typeof fields.seed === 'number') {
    request.seed = fields.seed;
  }
  return request;
}

/**
 * Checks a model's name: those of ElevenLabs' stand for ours.
 *
 * @param name - The name, if one was given.
 * @throws {SpeechError} `MODEL_NOT_FOUND`.
 */
export function checkModel(name: string | undefined): void {
  if (name?.startsWith('eleven_') !== true) {
    findModel(name);
  }
}

/**
 * Reads a parameter of an address.
 *
 * @param query - The address's parameters.
 * @param name - The parameter.
 * @returns Its value, or undefined if there is none.
 * @throws {SpeechError} `BODY_INVALID` if it is given twice.
 */
export function readQuery(query: Record<string, unknown>, name: string): string | undefined {
  const value = query[name];
  if (value !== undefined && typeof value !== 'string') {
    throw new SpeechError('BODY_INVALID', `${name} is given more than once; once is right.`, {
      param: name,
    });
  }
  return value;
}
