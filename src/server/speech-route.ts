import type { Request, RequestHandler, Response } from 'express';
import { toSpeechError } from '../../base/errors.js';
import type { SpeechChunk } from '../../tts/types.js';
import { SPEECH_SAMPLE_RATE } from '../audio/formats.js';
import { sendStream, sendWhole } from './audio-response.js';
import type { ServerContext } from './context.js';
import { countFailure } from './metrics.js';
import { toOpenAiError } from './openai-error.js';
import { parseSpeechRequest, type HttpSpeechRequest } from './speech-request.js';
import { beginAudio, encode, runSpeech, send, type SpeechRun } from './speech-run.js';
import { toWordEntry } from './word-entry.js';

// frames of the language model per second, which stand in for OpenAI's output tokens
const TOKENS_PER_SECOND = 25;

/**
 * `POST /v1/audio/speech`: speaks, and sends the audio while it is made.
 *
 * @param context - The server.
 * @param stopping - Aborts every response when the server has waited long enough.
 * @returns The route's handler.
 */
export function speechRoute(context: ServerContext, stopping: AbortSignal): RequestHandler {
  return async (httpRequest: Request, response: Response) => {
    const { engine, options } = context;
    const request = parseSpeechRequest(httpRequest.body, {
      voices: engine.voices,
      maxInput: options.maxInput,
    });
    await runSpeech(context, stopping, response, request, (run) =>
      request.streamFormat === 'sse'
        ? sendEvents(run, request)
        : request.isStreamed
          ? sendStream(run)
          : sendWhole(run),
    );
  };
}

async function sendEvents(run: SpeechRun, request: HttpSpeechRequest): Promise<void> {
  /** Words that no event has told yet. */
  const words: SpeechChunk['words'] = [];
  const watch = (chunk: SpeechChunk) => {
    if (request.hasWordTimes) {
      words.push(...chunk.words);
    }
  };
  const sendEvent = (event: object) => send(run, `data: ${JSON.stringify(event)}\n\n`);
  const sendWords = async () => {
    if (words.length > 0) {
      await sendEvent({ type: 'speech.audio.words', words: words.splice(0).map(toWordEntry) });
    }
  };
  try {
    await encode(
      run,
      async (bytes) => {
        for await (const part of bytes) {
          beginAudio(run, 'text/event-stream; charset=utf-8');
          await sendWords();
          await sendEvent({ type: 'speech.audio.delta', audio: part.toString('base64') });
        }
      },
      watch,
    );
  } catch (thrown) {
    const error = toSpeechError(thrown);
    if (!run.response.headersSent || error.code === 'CANCELLED') {
      throw error;
    }
    // an event stream, unlike bare audio, can say what went wrong in the middle
    countFailure(run.context.metrics, error.code);
    await sendEvent({ type: 'speech.audio.error', ...toOpenAiError(error) });
    run.response.end();
    return;
  }
  await sendWords();
  const inputTokens = request.text.trim().split(/\s+/).length;
  const naturalSeconds = (run.numSamples / SPEECH_SAMPLE_RATE) * request.speed;
  const outputTokens = Math.round(naturalSeconds * TOKENS_PER_SECOND);
  await sendEvent({
    type: 'speech.audio.done',
    usage: {
      input_tokens: inputTokens,
      output_tokens: outputTokens,
      total_tokens: inputTokens + outputTokens,
    },
  });
  run.response.end();
}
