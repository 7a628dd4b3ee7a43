import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, RequestHandler, Response } from 'express';
import { SpeechError, toSpeechError } from '../../base/errors.js';
import { roundToMs } from '../../base/numbers.js';
import { textOf } from '../../tts/markup/document.js';
import { describeForeignLanguage } from '../../tts/text/language-warning.js';
import { findForeignLanguage } from '../../tts/text/language.js';
import type { SpeakOptions, SpeechChunk } from '../../tts/types.js';
import { patchHeader } from '../audio/finalise.js';
import { SPEECH_SAMPLE_RATE } from '../audio/formats.js';
import type { Turn } from './admission.js';
import type { ServerContext } from './context.js';
import { toOpenAiError } from './openai-error.js';
import { addFacts } from './request-log.js';
import { writeSlowly } from './response-writer.js';
import { parseSpeechRequest, type HttpSpeechRequest } from './speech-request.js';
import { setWarnings } from './warnings.js';

/** What one response's stages share. */
type Run = {
  request: HttpSpeechRequest;
  response: Response;
  /** Aborts when the client leaves or the server gives up on it. */
  signal: AbortSignal;
  turn: Turn;
  startMs: number;
  /** When the listener will have heard everything; like a player, it waits where it runs dry. */
  heardMs: number;
  numSamples: number;
  /** Words that no event has told yet. */
  words: SpeechChunk['words'];
};

// frames of the language model per second, which stand in for OpenAI's output tokens
const TOKENS_PER_SECOND = 25;

/** Bytes of a whole response that its client may take its time for. */
const SLICE_BYTES = 65_536;

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
    addFacts(response, {
      numCharacters: request.text.length,
      voice: request.voice,
      format: request.format.name,
    });
    await warn(request, response);
    // by hand, since AbortSignal.any() leaves something behind in the signal that outlives us
    const ending = new AbortController();
    const end = () => {
      ending.abort();
    };
    response.once('close', end);
    stopping.addEventListener('abort', end, { once: true });
    const { signal } = ending;
    let turn: Turn | undefined;
    try {
      turn = await admission.enter(signal);
      const run: Run = {
        request,
        response,
        signal,
        turn,
        startMs,
        heardMs: 0,
        numSamples: 0,
        words: [],
      };
      const encoder = context.encoders.take(request.format);
      await (request.streamFormat === 'sse'
        ? sendEvents(context, run, encoder)
        : request.isStreamed
          ? sendStream(context, run, encoder)
          : sendWhole(context, run, encoder));
      recordSpeed(context, run);
    } finally {
      stopping.removeEventListener('abort', end);
      turn?.end();
    }
  };
}

/** Markup that was passed over and text in another language: the response and the log say so. */
async function warn({ text, document }: HttpSpeechRequest, response: Response): Promise<void> {
  const language = await findForeignLanguage(document === undefined ? text : textOf(document));
  setWarnings(response, [
    ...(document?.warnings ?? []),
    ...(language === undefined ? [] : [describeForeignLanguage(language)]),
  ]);
  addFacts(response, {
    ...(document === undefined ? {} : { warnings: document.warnings.length }),
    ...(language === undefined ? {} : { language: language.tag }),
  });
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
      await pause(run);
    }
  });
  const whole = Buffer.concat(parts);
  const patch = patchHeader(format, whole, whole.length, run.numSamples);
  if (patch !== undefined) {
    whole.set(patch.bytes, patch.offset);
  }
  beginAudio(context, run, format.contentType);
  run.response.setHeader('Content-Length', whole.length);
  for (let start = 0; start < whole.length; start += SLICE_BYTES) {
    await send(context, run, whole.subarray(start, start + SLICE_BYTES));
  }
  run.response.end();
}

async function sendEvents(context: ServerContext, run: Run, encoder: Duplex): Promise<void> {
  const sendEvent = (event: object) => send(context, run, `data: ${JSON.stringify(event)}\n\n`);
  const sendWords = async () => {
    if (run.request.hasWordTimes && run.words.length > 0) {
      const words = run.words.splice(0).map(({ word, startSeconds, endSeconds }) => ({
        word,
        start: roundToMs(startSeconds),
        end: roundToMs(endSeconds),
      }));
      await sendEvent({ type: 'speech.audio.words', words });
    }
  };
  try {
    await encode(context, run, encoder, async (bytes) => {
      for await (const part of bytes) {
        beginAudio(context, run, 'text/event-stream; charset=utf-8');
        await sendWords();
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
  await sendWords();
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
  for await (const { samples, words } of engine.speak(document ?? text, options)) {
    if (run.request.hasWordTimes) {
      run.words.push(...words);
    }
    if (samples.length > 0) {
      run.numSamples += samples.length;
      const durationMs = (samples.length / SPEECH_SAMPLE_RATE) * 1000;
      run.heardMs = Math.max(run.heardMs, performance.now()) + durationMs;
      yield samples;
    }
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
  addFacts(response, { firstAudioMs: Math.round(waitedMs) });
}

function send({ options }: ServerContext, run: Run, data: Buffer | string): Promise<void> {
  const { signal, response } = run;
  const { stallTimeoutMs } = options;
  return writeSlowly(response, data, { signal, stallTimeoutMs, pause: (wait) => pause(run, wait) });
}

/** Lets others have the engine while this response's client reads, and whoever needs it sooner. */
function pause(run: Run, wait?: () => Promise<void>): Promise<void> {
  return run.turn.pause(() => run.heardMs, wait);
}

function recordSpeed({ metrics }: ServerContext, run: Run): void {
  const speechSeconds = run.numSamples / SPEECH_SAMPLE_RATE;
  const workSeconds = (performance.now() - run.startMs) / 1000;
  metrics.speechSeconds.inc(speechSeconds);
  metrics.realTimeFactor.observe(workSeconds / speechSeconds);
  addFacts(run.response, { speechSeconds: roundToMs(speechSeconds) });
}
