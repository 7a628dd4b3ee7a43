import type { RequestHandler } from 'express';
import type { WordTime } from '../../tts/types.js';
import { SPEECH_SAMPLE_RATE } from '../audio/formats.js';
import { formatWords, type WordFormat } from '../files/subtitles.js';
import { parseCaptionsRequest, type CaptionsRequest } from './captions-request.js';
import type { ServerContext } from './context.js';
import { addFacts } from './request-log.js';
import { handleSpeech, pause, speak, type SpeechRun } from './speech-run.js';

const CONTENT_TYPES: Readonly<Record<WordFormat, string>> = {
  json: 'application/json; charset=utf-8',
  srt: 'application/x-subrip; charset=utf-8',
  vtt: 'text/vtt; charset=utf-8',
};

/**
 * `POST /v1/audio/captions`: when each word is said of the speech that `/v1/audio/speech` gives for the
 * same fields, without the audio.
 *
 * @param context - The server.
 * @param stopping - Aborts every response when the server has waited long enough.
 * @returns The route's handler.
 */
export function captionsRoute(context: ServerContext, stopping: AbortSignal): RequestHandler {
  return handleSpeech(context, stopping, {
    parse: parseCaptionsRequest,
    send: (run) => sendCaptions(context, run),
  });
}

async function sendCaptions(
  context: ServerContext,
  run: SpeechRun<CaptionsRequest>,
): Promise<void> {
  const { request, response } = run;
  addFacts(response, { format: request.format });
  const words: WordTime[] = [];
  for await (const chunk of speak(context, run)) {
    words.push(...chunk.words);
    await pause(run);
  }
  response.setHeader('Content-Type', CONTENT_TYPES[request.format]);
  response.setHeader('Cache-Control', 'no-store');
  response.end(formatWords(words, request.format, run.numSamples / SPEECH_SAMPLE_RATE));
}
