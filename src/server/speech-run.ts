import type { Request, RequestHandler, Response } from 'express';
import { roundToMs } from '../../base/numbers.js';
import { textOf } from '../../tts/markup/document.js';
import { describeForeignLanguage } from '../../tts/text/language-warning.js';
import { findForeignLanguage } from '../../tts/text/language.js';
import type { SpeakOptions, SpeechChunk } from '../../tts/types.js';
import { SPEECH_SAMPLE_RATE } from '../audio/formats.js';
import type { Turn } from './admission.js';
import type { ServerContext } from './context.js';
import { addFacts } from './request-log.js';
import type { RequestLimits, SpokenRequest } from './spoken-request.js';
import { setWarnings } from './warnings.js';

/** What the stages of one response share. */
export type SpeechRun<Spoken extends SpokenRequest = SpokenRequest> = {
  request: Spoken;
  response: Response;
  /** Aborts when the client leaves or the server gives up on it. */
  signal: AbortSignal;
  turn: Turn;
  startMs: number;
  /** When the listener will have heard everything; like a player, it waits where it runs dry. */
  heardMs: number;
  numSamples: number;
};

/**
 * Makes the handler of a route that speaks: it checks the request, waits for a turn, and ends when the
 * client leaves.
 *
 * @param context - The server.
 * @param stopping - Aborts every response when the server has waited long enough.
 * @param route - `parse` checks the body; `send` speaks and answers.
 * @returns The route's handler.
 */
export function handleSpeech<Spoken extends SpokenRequest>(
  context: ServerContext,
  stopping: AbortSignal,
  route: {
    parse: (body: unknown, limits: RequestLimits) => Spoken;
    send: (run: SpeechRun<Spoken>) => Promise<void>;
  },
): RequestHandler {
  return async (httpRequest: Request, response: Response) => {
    const startMs = performance.now();
    const { engine, options, admission } = context;
    const request = route.parse(httpRequest.body, {
      voices: engine.voices,
      maxInput: options.maxInput,
    });
    addFacts(response, { numCharacters: request.text.length, voice: request.voice });
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
      const run = { request, response, signal, turn, startMs, heardMs: 0, numSamples: 0 };
      await route.send(run);
      recordSpeed(context, run);
    } finally {
      stopping.removeEventListener('abort', end);
      turn?.end();
    }
  };
}

/**
 * Speaks what was asked for, and counts what comes.
 *
 * @param context - The server; its dictionaries count before the request's own.
 * @param run - Its `numSamples` and `heardMs` move on.
 * @returns What the engine gives.
 * @throws {SpeechError} What the engine throws.
 */
export async function* speak(
  { engine, dictionaries }: ServerContext,
  run: SpeechRun,
): AsyncGenerator<SpeechChunk, void, undefined> {
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
  for await (const chunk of engine.speak(document ?? text, options)) {
    const numSamples = chunk.samples.length;
    if (numSamples > 0) {
      run.numSamples += numSamples;
      const durationMs = (numSamples / SPEECH_SAMPLE_RATE) * 1000;
      run.heardMs = Math.max(run.heardMs, performance.now()) + durationMs;
    }
    yield chunk;
  }
}

/**
 * Lets others have the engine while this response's client reads, and whoever needs it sooner.
 *
 * @param run - Whose turn it is.
 * @param wait - What there is to wait for; nothing, if others are merely let in between.
 * @throws {SpeechError} `CANCELLED`, or what the wait throws.
 */
export function pause(run: SpeechRun, wait?: () => Promise<void>): Promise<void> {
  return run.turn.pause(() => run.heardMs, wait);
}

/** Markup that was passed over and text in another language: the response and the log say so. */
async function warn({ text, document }: SpokenRequest, response: Response): Promise<void> {
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

function recordSpeed({ metrics }: ServerContext, run: SpeechRun): void {
  const speechSeconds = run.numSamples / SPEECH_SAMPLE_RATE;
  const workSeconds = (performance.now() - run.startMs) / 1000;
  metrics.speechSeconds.inc(speechSeconds);
  metrics.realTimeFactor.observe(workSeconds / speechSeconds);
  addFacts(run.response, { speechSeconds: roundToMs(speechSeconds) });
}
