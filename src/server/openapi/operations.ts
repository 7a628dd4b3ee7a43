import type { z } from 'zod';
import { LNT_CONTENT_TYPE } from '../../audio/formats.js';
import { DECODE_SCHEMA, ENCODE_SCHEMA } from '../codec/codec-request.js';
import type { SchemaName } from './schemas.js';

/** A route as the description says it. */
export type Operation = {
  method: 'get' | 'post';
  /** With `{name}` for what varies. */
  path: string;
  summary: string;
  /** Whether anybody may ask; others want a key where keys are set. */
  isOpen?: boolean;
  /** The body. */
  request?: SchemaName;
  /** The fields of a body that is a file: in the address, or in a form before the file. */
  file?: SchemaName;
  /** By status; a content type alone is bytes or text. */
  responses: Record<number, { description: string; type?: string; schema?: SchemaName }>;
  /** The shape of its errors. */
  errors?: SchemaName;
  /** Query parameters and what they mean. */
  query?: Record<string, string>;
};

const JSON_TYPE = 'application/json';
const AUDIO = { description: 'The audio.', type: 'audio/*' };
const OUTPUT_FORMAT = { output_format: 'such as mp3_44100_128 (default) or pcm_16000' };

const json = (schema: SchemaName, description: string) => ({
  200: { description, type: JSON_TYPE, schema },
});

const elevenLabs = (
  path: string,
  summary: string,
  answer: Operation['responses'][number],
): Operation => ({
  method: 'post',
  path: `/v1/text-to-speech/{voice}${path}`,
  summary,
  request: 'ElevenLabsSpeechRequest',
  responses: { 200: answer },
  errors: 'ElevenLabsError',
  query: OUTPUT_FORMAT,
});

const socket = (path: string, summary: string, errors: SchemaName = 'Error'): Operation => ({
  method: 'get',
  path,
  summary,
  responses: {
    101: { description: 'The WebSocket is open.' },
    426: { description: 'Only a WebSocket may be opened here.', type: JSON_TYPE, schema: errors },
  },
  errors,
});

const voices = (path: string): Operation => ({
  method: 'get',
  path,
  summary: "The voices in ElevenLabs' shape",
  responses: json('ElevenLabsVoices', 'All voices on one page.'),
  errors: 'ElevenLabsError',
});

function describeFields({ shape }: z.ZodObject): Record<string, string> {
  return Object.fromEntries(
    Object.entries(shape).map(([name, field]) => [name, (field as z.ZodType).description ?? '']),
  );
}

/** All routes but those that leave `/v1` out. A test compares them with the application's. */
export const OPERATIONS: readonly Operation[] = [
  {
    method: 'get',
    path: '/',
    summary: 'A page on which one types and hears',
    isOpen: true,
    responses: { 200: { description: 'The page.', type: 'text/html' } },
  },
  {
    method: 'get',
    path: '/page/{file}',
    summary: 'Scripts and style of the page',
    isOpen: true,
    responses: { 200: { description: 'The file.', type: 'text/javascript' } },
  },
  {
    method: 'get',
    path: '/healthz',
    summary: 'Whether the server lives',
    isOpen: true,
    responses: json('Health', 'It does.'),
  },
  {
    method: 'get',
    path: '/readyz',
    summary: 'Whether a new request would be taken',
    isOpen: true,
    responses: {
      ...json('Readiness', 'It would.'),
      503: { description: 'It would not.', type: JSON_TYPE, schema: 'Readiness' },
    },
  },
  {
    method: 'get',
    path: '/openapi.json',
    summary: 'This description',
    isOpen: true,
    responses: { 200: { description: 'OpenAPI 3.1.', type: JSON_TYPE } },
  },
  {
    method: 'get',
    path: '/metrics',
    summary: 'Numbers for Prometheus',
    responses: { 200: { description: 'The text format.', type: 'text/plain' } },
  },
  {
    method: 'post',
    path: '/v1/audio/speech',
    summary: "Speaks a text, OpenAI's endpoint",
    request: 'SpeechRequest',
    responses: { 200: { ...AUDIO, description: 'The audio, or text/event-stream.' } },
  },
  {
    method: 'post',
    path: '/v1/audio/captions',
    summary: 'When each word of a speech is said',
    request: 'CaptionsRequest',
    responses: { 200: { description: 'SubRip, WebVTT or JSON.', type: 'application/x-subrip' } },
  },
  {
    method: 'post',
    path: '/v1/audio/encode',
    summary: 'Makes codec tokens of audio, while it comes',
    file: 'EncodeRequest',
    query: describeFields(ENCODE_SCHEMA),
    responses: { 200: { description: 'A .lnt file.', type: LNT_CONTENT_TYPE } },
  },
  {
    method: 'post',
    path: '/v1/audio/decode',
    summary: 'Makes audio of codec tokens, while they come',
    file: 'DecodeRequest',
    query: describeFields(DECODE_SCHEMA),
    responses: { 200: AUDIO },
  },
  socket('/v1/audio/speech/live', "Speaks while text comes, Linnet's protocol"),
  {
    method: 'post',
    path: '/v1/speak',
    summary: "Speaks a text, Deepgram's endpoint",
    request: 'DeepgramSpeechRequest',
    responses: { 200: AUDIO },
    errors: 'DeepgramError',
    query: {
      model: "a voice, or a name of Deepgram's",
      encoding: 'mp3 (default), linear16, mulaw, alaw, opus, flac or aac',
      container: 'wav (default) or none for linear16',
      sample_rate: 'Hz',
      bit_rate: 'bits a second, for mp3, opus and aac',
      speed: '0.25 to 4',
    },
  },
  socket('/v1/speak', "Speaks while text comes, Deepgram's protocol", 'DeepgramError'),
  {
    method: 'get',
    path: '/v1/models',
    summary: 'The models',
    responses: json('Models', 'All models.'),
  },
  {
    method: 'get',
    path: '/v1/models/{id}',
    summary: 'A model',
    responses: json('Model', 'The model.'),
  },
  {
    method: 'get',
    path: '/v1/audio/models',
    summary: 'The models that speak',
    responses: json('AudioModels', 'All models.'),
  },
  {
    method: 'get',
    path: '/v1/audio/voices',
    summary: 'The voices',
    query: { legacy: 'true gives bare names' },
    responses: json('Voices', "All voices and OpenAI's names for them."),
  },
  {
    method: 'get',
    path: '/v1/audio/voices/{id}/sample',
    summary: 'A sample of a voice',
    responses: { 200: { description: 'About two seconds.', type: 'audio/wav' } },
  },
  {
    method: 'get',
    path: '/v1/audio/decoder/{file}',
    summary:
      'The decoder of token files that pages run: rvq or single with .onnx, .json or .tables',
    query: { weights: 'int8 (default) or float32' },
    responses: {
      200: {
        description: 'An ONNX model, what it is, or the tables of entropy-coded files.',
        type: 'application/octet-stream',
      },
      304: { description: 'It is the one of the ETag that was sent.' },
    },
  },
  elevenLabs('', "Speaks a text, ElevenLabs' endpoint", AUDIO),
  elevenLabs('/stream', 'Speaks a text and sends audio while it is made', AUDIO),
  elevenLabs('/with-timestamps', 'Speaks a text and tells the times of its characters', {
    description: 'The audio in base64, and times.',
    type: JSON_TYPE,
    schema: 'TimedAudio',
  }),
  elevenLabs('/stream/with-timestamps', 'The same while the audio is made, one object a line', {
    description: 'Lines of JSON.',
    type: 'application/x-ndjson',
    schema: 'TimedAudio',
  }),
  socket(
    '/v1/text-to-speech/{voice}/stream-input',
    "One live speech, ElevenLabs' protocol",
    'ElevenLabsError',
  ),
  socket(
    '/v1/text-to-speech/{voice}/multi-stream-input',
    'Several live speeches at once',
    'ElevenLabsError',
  ),
  voices('/v1/voices'),
  voices('/v2/voices'),
];
