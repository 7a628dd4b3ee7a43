import type { Request, RequestHandler, Response } from 'express';
import type { WordTime } from '../../tts/types.js';
import { SPEECH_SAMPLE_RATE } from '../audio/formats.js';
import { formatWords, type WordFormat } from '../files/subtitles.js';
import { parseCaptionsRequest } from './captions-request.js';
import type { ServerContext } from './context.js';
import { addFacts } from './request-log.js';
import { encode, pause, runSpeech, type SpeechRun } from './speech-run.js';

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
  return async (httpRequest: Request, response: Response) => {
    const { engine, options } = context;
    const { speech, format } = parseCaptionsRequest(httpRequest.body, {
      voices: engine.voices,
      maxInput: options.maxInput,
    });
    await runSpeech(context, stopping, response, speech, (run) => sendCaptions(run, format));
  };
}

async function sendCaptions(run: SpeechRun, format: WordFormat): Promise<void> {
  const { response } = run;
  addFacts(response, { format });
  run.isWhole = true;
  const words: WordTime[] = [];
  const drain = async (bytes: AsyncIterable<Buffer>) => {
    // eslint-disable-next-line @typescript-eslint/no-unused-vars -- the audio is not wanted
    for await (const _ of bytes) {
      await pause(run);
    }
  };
  await encode(run, drain, (chunk) => words.push(...chunk.words));
  response.setHeader('Content-Type', CONTENT_TYPES[format]);
  response.setHeader('Cache-Control', 'no-store');
  response.end(formatWords(words, format, run.numSamples / SPEECH_SAMPLE_RATE));
}
