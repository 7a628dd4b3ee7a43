import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import type { ErrorCode, SpeechError } from '../../../base/errors.js';
import { checkText } from '../../files/text-input.js';
import { sendStream } from '../audio-response.js';
import type { ServerContext } from '../context.js';
import { parseBody } from '../parse-body.js';
import { runSpeech } from '../speech-run.js';
import { readSpeakFileQuery } from './speak-query.js';
import { NIL_UUID } from './speak-socket.js';

/** The body of `POST /v1/speak`. */
export const DEEPGRAM_SCHEMA = z.object({ text: z.string() });

/** A failure in the shape Deepgram's clients read. */
export type DeepgramErrorBody = { err_code: ErrorCode; err_msg: string; request_id: string };

/**
 * `POST /v1/speak`, Deepgram's speech endpoint: the audio is sent while it is made.
 *
 * @param context - The server.
 * @param stopping - Aborts every response when the server has waited long enough.
 * @returns The route's handler.
 */
export function deepgramSpeakRoute(context: ServerContext, stopping: AbortSignal): RequestHandler {
  return async (httpRequest: Request, response) => {
    const { searchParams } = new URL(httpRequest.originalUrl, 'http://host');
    const { voice, format, speed } = readSpeakFileQuery(searchParams, context.engine.voices);
    const body = parseBody(DEEPGRAM_SCHEMA, httpRequest.body);
    const text = checkText(body.text, context.options.maxInput);
    response.set({
      'dg-model-name': voice,
      'dg-model-uuid': NIL_UUID,
      'dg-char-count': String(text.length),
      'dg-request-id': response.get('X-Request-Id'),
    });
    await runSpeech(context, stopping, response, { text, voice, format, speed }, sendStream);
  };
}

/**
 * Puts a failure into Deepgram's shape.
 *
 * @param error - The failure.
 * @param requestId - The request's.
 * @returns The body.
 */
export function toDeepgramError(
  { code, message }: SpeechError,
  requestId: string,
): DeepgramErrorBody {
  return { err_code: code, err_msg: message, request_id: requestId };
}
