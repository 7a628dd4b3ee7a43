import { z } from 'zod';
import { ERROR_CATALOGUE, type ErrorCode } from '../../../base/errors.js';
import { DECODE_SCHEMA, ENCODE_SCHEMA } from '../codec/codec-request.js';
import { DEEPGRAM_SCHEMA } from '../deepgram/speak-route.js';
import { ELEVENLABS_SCHEMA } from '../elevenlabs/speech-request.js';
import { CAPTIONS_SCHEMA } from '../captions-request.js';
import { SPEECH_SCHEMA } from '../speech-request.js';

const ERROR_CODE = z.enum(Object.keys(ERROR_CATALOGUE) as [ErrorCode, ...ErrorCode[]]);

const MODEL = z.object({
  id: z.string(),
  object: z.literal('model'),
  created: z.int().describe('Unix time in seconds'),
  owned_by: z.string(),
});

const VOICE = z.looseObject({
  id: z.string(),
  object: z.literal('voice'),
  name: z.string(),
  language: z.string(),
  description: z.string(),
  preview_url: z.string().optional(),
  alias_of: z.string().optional().describe('the voice that a name of OpenAI stands for'),
});

const NUM_REQUESTS = z.int().nonnegative();

const ALIGNMENT = z
  .object({
    characters: z.array(z.string()),
    character_start_times_seconds: z.array(z.number()),
    character_end_times_seconds: z.array(z.number()),
  })
  .nullable();

/** What clients send. */
const REQUESTS = {
  SpeechRequest: SPEECH_SCHEMA,
  CaptionsRequest: CAPTIONS_SCHEMA,
  EncodeRequest: ENCODE_SCHEMA,
  DecodeRequest: DECODE_SCHEMA,
  DeepgramSpeechRequest: DEEPGRAM_SCHEMA,
  ElevenLabsSpeechRequest: ELEVENLABS_SCHEMA,
};

/** What the server answers. */
const RESPONSES = {
  Error: z.object({
    error: z.object({
      message: z.string(),
      type: z.enum([
        'invalid_request_error',
        'authentication_error',
        'rate_limit_error',
        'server_error',
      ]),
      param: z.string().nullable().describe('the field that is to blame'),
      code: ERROR_CODE,
    }),
  }),
  ElevenLabsError: z.object({
    detail: z.object({ status: z.string(), message: z.string(), code: ERROR_CODE }),
  }),
  DeepgramError: z.object({ err_code: ERROR_CODE, err_msg: z.string(), request_id: z.string() }),
  Health: z.object({
    status: z.enum(['ok', 'shutting down']),
    device: z.string(),
    running: NUM_REQUESTS,
    waiting: NUM_REQUESTS,
    paused: NUM_REQUESTS,
  }),
  Readiness: z.object({ status: z.union([z.literal('ok'), ERROR_CODE]) }),
  Model: MODEL,
  Models: z.object({ object: z.literal('list'), data: z.array(MODEL) }),
  AudioModels: z.object({
    object: z.literal('list'),
    data: z.array(MODEL),
    models: z.array(z.object({ id: z.string(), name: z.string() })),
  }),
  Voices: z.union([
    z.object({ object: z.literal('list'), data: z.array(VOICE), voices: z.array(VOICE) }),
    z.object({ voices: z.array(z.string()) }).describe('with legacy=true'),
  ]),
  ElevenLabsVoices: z.object({
    voices: z.array(z.looseObject({ voice_id: z.string(), name: z.string() })),
    has_more: z.boolean(),
    total_count: z.int(),
  }),
  TimedAudio: z.object({
    audio_base64: z.string(),
    alignment: ALIGNMENT,
    normalized_alignment: ALIGNMENT,
  }),
};

/** The name of a schema of the description. */
export type SchemaName = keyof typeof REQUESTS | keyof typeof RESPONSES;

/**
 * Describes all bodies. The requests' schemas are those that check them.
 *
 * @returns JSON schemas (2020-12) by their names.
 */
export function bodySchemas(): Record<SchemaName, object> {
  const entries = [
    ...Object.entries(REQUESTS).map(([name, schema]) => [name, toJsonSchema(schema, 'input')]),
    ...Object.entries(RESPONSES).map(([name, schema]) => [name, toJsonSchema(schema, 'output')]),
  ];
  return Object.fromEntries(entries) as Record<SchemaName, object>;
}

function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): object {
  // the whole description says which version of JSON schema it is written in
  const described = z.toJSONSchema(schema, { io });
  delete described.$schema;
  return described;
}
