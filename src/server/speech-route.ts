import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, RequestHandler, Response } from 'express';
import { patchHeader } from '../audio/finalise.js';
import { SPEECH_SAMPLE_RATE } from '../audio/formats.js';
import { speakInput, textOf } from '../document.js';
import { SpeechError, toSpeechError } from '../errors.js';
import { describeForeignLanguage } from '../language-warning.js';
import type { SpeakOptions } from '../speech-engine.js';
import { findForeignLanguage } from '../../tts/text/language.js';
import type { ServerContext } from './context.js';
import { toOpenAiError } from './openai-error.js';
import { writeSlowly } from './response-writer.js';
import { parseSpeechRequest, type SpeechRequest } from './speech-request.js';
import { setWarnings } from './warnings.js';

/** What one response's stages share. */
type Run = {
  request: SpeechRequest;
  response: Response;
  /** Aborts when the client leaves or the server gives up on it. */
  signal: AbortSignal;
  startMs: number;
  numSamples: number;
};

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
    const startMs = performance.now();
    const { engine, options, admission } = context;
    const request = parseSpeechRequest(httpRequest.body, {
      voices: engine.voices,
      maxInput: options.maxInput,
    });
    response.locals['facts'] = {
      numCharacters: request.text.length,
      voice: request.voice,
      format: request.format.name,
    };
    await warn(request, response);
    // by hand, since AbortSignal.any() leaves something behind in the signal that outlives us
    const ending = new AbortController();
    const end = () => {
      ending.abort();
    };
    response.once('close', end);
    stopping.addEventListener('abort', end, { once: true });
    const { signal } = ending;
    const run: Run = { request, response, signal, startMs, numSamples: 0 };
    let leave: (() => void) | undefined;
    try {
      leave = await admission.enter(signal);
      const encoder = context.encoders.take(request.format);
      await (request.streamFormat === 'sse'
        ? sendEvents(context, run, encoder)
        : request.isStreamed
          ? sendStream(context, run, encoder)
          : sendWhole(context, run, encoder));
      recordSpeed(context, run);
    } finally {
      stopping.removeEventListener('abort', end);
      leave?.();
    }
  };
}

/** Markup that was passed over and text in another language: the response and the log say so. */
async function warn({ text, document }: SpeechRequest, response: Response): Promise<void> {
  const language = await findForeignLanguage(document === undefined ? text : textOf(document));
  setWarnings(response, [
    ...(document?.warnings ?? []),
    ...(language === undefined ? [] : [describeForeignLanguage(language)]),
  ]);
  response.locals['facts'] = {
    ...(response.locals['facts'] as object),
    ...(document === undefined ? {} : { warnings: document.warnings.length }),
    ...(language === undefined ? {} : { language: language.tag }),
  };
}

async function sendStream(context: ServerContext, run: Run, encoder: Duplex): Promise<void> {
  await encode(context, run, encoder, async (bytes) => {
    for await (const part of bytes) {
      beginAudio(context, run, run.request.format.contentType);
      await send(context, run, part);
    }
  });
  run.response.end();
}

async function sendWhole(context: ServerContext, run: Run, encoder: Duplex): Promise<void> {
  const { format } = run.request;
  const parts: Buffer[] = [];
  await encode(context, run, encoder, async (bytes) => {
    for await (const part of bytes) {
      parts.push(part);
    }
  });
  const whole = Buffer.concat(parts);
  const patch = patchHeader(format, whole, whole.length, run.numSamples);
  if (patch !== undefined) {
    whole.set(patch.bytes, patch.offset);
  }
  beginAudio(context, run, format.contentType);
  run.response.setHeader('Content-Length', whole.length);
  run.response.end(whole);
}

async function sendEvents(context: ServerContext, run: Run, encoder: Duplex): Promise<void> {
  const sendEvent = (event: object) => send(context, run, `data: ${JSON.stringify(event)}\n\n`);
  try {
    await encode(context, run, encoder, async (bytes) => {
      for await (const part of bytes) {
        beginAudio(context, run, 'text/event-stream; charset=utf-8');
        await sendEvent({ type: 'speech.audio.delta', audio: part.toString('base64') });
      }
    });
  } catch (thrown) {
    const error = toSpeechError(thrown);
    if (!run.response.headersSent || error.code === 'CANCELLED') {
      throw error;
    }
    // an event stream, unlike bare audio, can say what went wrong in the middle
    context.metrics.failures.inc({ code: error.code });
    await sendEvent({ type: 'speech.audio.error', ...toOpenAiError(error) });
    run.response.end();
    return;
  }
  const inputTokens = run.request.text.trim().split(/\s+/).length;
  const naturalSeconds = (run.numSamples / SPEECH_SAMPLE_RATE) * run.request.speed;
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

/** Runs engine, encoder and sink as one chain: when one of them ends early, all of them do. */
async function encode(
  context: ServerContext,
  run: Run,
  encoder: Duplex,
  sink: (bytes: AsyncIterable<Buffer>) => Promise<void>,
): Promise<void> {
  try {
    await pipeline(speak(context, run), encoder, sink, { signal: run.signal });
  } catch (thrown) {
    if (run.signal.aborted) {
      throw new SpeechError('CANCELLED', 'The client left.', {}, { cause: thrown });
    }
    throw thrown;
  }
}

async function* speak(
  { engine, dictionaries }: ServerContext,
  run: Run,
): AsyncGenerator<Float32Array, void, undefined> {
  const { text, document, voice, speed, seed, temperature, dictionary } = run.request;
  const options: SpeakOptions = { voice, speed, signal: run.signal };
  const known = [
    ...(await dictionaries.current()),
    ...(dictionary === undefined ? [] : [dictionary]),
  ];
  if (known.length > 0) {
    options.dictionary = known;
  }
  if (seed !== undefined) {
    options.seed = seed;
  }
  if (temperature !== undefined) {
    options.temperature = temperature;
  }
  for await (const { samples } of speakInput(engine, document ?? text, options)) {
    if (samples.length > 0) {
      run.numSamples += samples.length;
      yield samples;
    }
  }
  if (run.numSamples === 0) {
    throw new SpeechError('TEXT_EMPTY', 'input holds nothing that can be spoken.');
  }
}

function beginAudio({ metrics }: ServerContext, run: Run, contentType: string): void {
  const { response } = run;
  if (response.hasHeader('Content-Type')) {
    return;
  }
  response.setHeader('Content-Type', contentType);
  response.setHeader('Cache-Control', 'no-store');
  // proxies that collect a response before they pass it on would undo the streaming
  response.setHeader('X-Accel-Buffering', 'no');
  const waitedMs = performance.now() - run.startMs;
  metrics.firstAudioSeconds.observe(waitedMs / 1000);
  response.locals['facts'] = {
    ...(response.locals['facts'] as object),
    firstAudioMs: Math.round(waitedMs),
  };
}

function send({ options }: ServerContext, run: Run, data: Buffer | string): Promise<void> {
  const { signal, response } = run;
  return writeSlowly(response, data, { signal, stallTimeoutMs: options.stallTimeoutMs });
}

function recordSpeed({ metrics }: ServerContext, run: Run): void {
  const speechSeconds = run.numSamples / SPEECH_SAMPLE_RATE;
  const workSeconds = (performance.now() - run.startMs) / 1000;
  metrics.speechSeconds.inc(speechSeconds);
  metrics.realTimeFactor.observe(workSeconds / speechSeconds);
  run.response.locals['facts'] = {
    ...(run.response.locals['facts'] as object),
    speechSeconds: Math.round(speechSeconds * 1000) / 1000,
  };
}
