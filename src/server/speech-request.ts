import { z } from 'zod';
import { SpeechError } from '../../base/errors.js';
import { AUDIO_FORMATS, findFormat, type AudioFormat } from '../audio/formats.js';
import {
  readFields,
  readSpokenFields,
  SPOKEN_FIELDS,
  type RequestLimits,
  type SpokenRequest,
} from './spoken-request.js';

/** A checked `POST /v1/audio/speech`. */
export type HttpSpeechRequest = SpokenRequest & {
  format: AudioFormat;
  /** `audio`: the bytes themselves; `sse`: server-sent events with base64 inside. */
  streamFormat: 'audio' | 'sse';
  /** Whether events tell when each word is spoken; only with `sse`. */
  hasWordTimes: boolean;
  /** Whether the audio is sent while it is made. Otherwise it is sent whole, with exact sizes. */
  isStreamed: boolean;
};

const SCHEMA = z.object({
  ...SPOKEN_FIELDS,
  instructions: z.string().nullish(),
  response_format: z.string().nullish(),
  stream_format: z.enum(['audio', 'sse']).nullish(),
  stream: z.boolean().nullish(),
  word_timestamps: z.boolean().nullish(),
});

/**
 * Checks the body of a request in OpenAI's form. Fields it does not know are ignored, as are
 * `instructions`, which no Linnet model follows.
 *
 * @param body - Whatever the JSON held.
 * @param limits - What it is checked against.
 * @returns The request.
 * @throws {SpeechError} `BODY_INVALID` with the field in `details.param`, `FORMAT_UNKNOWN`, or what
 * {@link readSpokenFields} throws.
 */
export function parseSpeechRequest(body: unknown, limits: RequestLimits): HttpSpeechRequest {
  const fields = readFields(SCHEMA, body);
  const format =
    typeof fields.response_format === 'string'
      ? findFormat(fields.response_format)
      : AUDIO_FORMATS.mp3;
  const request: HttpSpeechRequest = {
    ...readSpokenFields(fields, limits),
    format,
    streamFormat: fields.stream_format ?? 'audio',
    hasWordTimes: fields.word_timestamps ?? false,
    // libsndfile, which Python's soundfile reads with, takes no FLAC of unknown length
    isStreamed: fields.stream ?? format.name !== 'flac',
  };
  if (request.hasWordTimes && request.streamFormat !== 'sse') {
    throw new SpeechError(
      'BODY_INVALID',
      'word_timestamps is true, but only events carry times; it needs "stream_format": "sse".',
      { param: 'word_timestamps' },
    );
  }
  return request;
}
