import { z } from 'zod';
import { checkSpeed } from '../../../tts/time-stretch/index.js';
import { readJson } from '../live/read-json.js';
import { parseBody } from '../parse-body.js';
import { VOICE_SETTINGS } from './speech-request.js';

/** A message of a client, whichever of the two sockets it came through. */
export type ClientMessage = {
  text?: string;
  flush: boolean;
  /** Whether it has voice settings, which only the first message of a speech may have. */
  hasVoiceSettings: boolean;
  /** 0.25 to 4. */
  speed: number;
  contextId?: string;
  closeContext: boolean;
  closeSocket: boolean;
  /** The API key, if it comes this way. */
  apiKey?: string;
};

// ElevenLabs lets so many characters pile up before it speaks
const GENERATION_CONFIG = z.object({
  chunk_length_schedule: z.array(z.number().min(50).max(500)).nullish(),
});

const MAX_ID_LENGTH = 256;

// null stands for "not given"
const SCHEMA = z.object({
  text: z.string().nullish(),
  flush: z.boolean().nullish(),
  try_trigger_generation: z.boolean().nullish(),
  voice_settings: VOICE_SETTINGS.nullish(),
  generation_config: GENERATION_CONFIG.nullish(),
  generator_config: GENERATION_CONFIG.nullish(),
  context_id: z.string().max(MAX_ID_LENGTH).nullish(),
  contextId: z.string().max(MAX_ID_LENGTH).nullish(),
  close_context: z.boolean().nullish(),
  close_socket: z.boolean().nullish(),
  'xi-api-key': z.string().nullish(),
  xi_api_key: z.string().nullish(),
  authorization: z.string().nullish(),
});

/**
 * Reads a message. Fields it does not know are ignored; `chunk_length_schedule` and
 * `try_trigger_generation` are checked, but the engine needs neither to speak early.
 *
 * @param data - As it came; only text is JSON.
 * @returns The message.
 * @throws {SpeechError} `BODY_INVALID` or `SPEED_OUT_OF_RANGE`.
 */
export function readClientMessage(data: string | Buffer): ClientMessage {
  const fields = parseBody(SCHEMA, readJson(data));
  const speed = fields.voice_settings?.speed ?? 1;
  checkSpeed(speed);
  const message: ClientMessage = {
    flush: fields.flush ?? false,
    hasVoiceSettings: (fields.voice_settings ?? undefined) !== undefined,
    speed,
    closeContext: fields.close_context ?? false,
    closeSocket: fields.close_socket ?? false,
  };
  const contextId = fields.context_id ?? fields.contextId;
  const apiKey =
    fields['xi-api-key'] ?? fields.xi_api_key ?? fields.authorization?.replace(/^bearer /i, '');
  return {
    ...message,
    ...(typeof fields.text === 'string' ? { text: fields.text } : {}),
    ...(typeof contextId === 'string' ? { contextId } : {}),
    ...(typeof apiKey === 'string' ? { apiKey } : {}),
  };
}
