import { z } from 'zod';
import { findWordFormat, WORD_FORMATS, type WordFormat } from '../files/subtitles.js';
import { parseBody } from './parse-body.js';
import { parseSpeechRequest, SPEECH_SCHEMA, type AudioRequest } from './speech-request.js';

/** A checked `POST /v1/audio/captions`. */
export type CaptionsRequest = {
  /** The speech whose words are told. */
  speech: AudioRequest;
  format: WordFormat;
};

/** The body of `POST /v1/audio/captions`: that of the speech, with another format. */
export const CAPTIONS_SCHEMA = SPEECH_SCHEMA.omit({
  stream: true,
  stream_format: true,
  word_timestamps: true,
}).extend({
  response_format: z
    .string()
    .nullish()
    .describe(`one of ${WORD_FORMATS.join(', ')}; srt by default`),
});

/**
 * Checks the body of a request for captions.
 *
 * @param body - Whatever the JSON held.
 * @param context - As `parseSpeechRequest` takes it.
 * @returns The request.
 * @throws {SpeechError} `FORMAT_UNKNOWN`, and what `parseSpeechRequest` throws.
 */
export function parseCaptionsRequest(
  body: unknown,
  context: Parameters<typeof parseSpeechRequest>[1],
): CaptionsRequest {
  const { response_format: format, ...fields } = parseBody(CAPTIONS_SCHEMA, body);
  return {
    speech: parseSpeechRequest({ ...fields, response_format: 'pcm' }, context),
    format: findWordFormat(format ?? 'srt'),
  };
}
