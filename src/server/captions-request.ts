import { z } from 'zod';
import { findWordFormat, type WordFormat } from '../files/subtitles.js';
import {
  readFields,
  readSpokenFields,
  SPOKEN_FIELDS,
  type RequestLimits,
  type SpokenRequest,
} from './spoken-request.js';

/** A checked `POST /v1/audio/captions`. */
export type CaptionsRequest = SpokenRequest & { format: WordFormat };

const SCHEMA = z.object({ ...SPOKEN_FIELDS, response_format: z.string().nullish() });

/**
 * Checks the body of a request for captions. Fields it does not know are ignored.
 *
 * @param body - Whatever the JSON held.
 * @param limits - What it is checked against.
 * @returns The request; the format is SubRip by default.
 * @throws {SpeechError} `BODY_INVALID` with the field in `details.param`, `FORMAT_UNKNOWN`, or what
 * {@link readSpokenFields} throws.
 */
export function parseCaptionsRequest(body: unknown, limits: RequestLimits): CaptionsRequest {
  const fields = readFields(SCHEMA, body);
  const format = findWordFormat(fields.response_format ?? 'srt');
  return { ...readSpokenFields(fields, limits), format };
}
