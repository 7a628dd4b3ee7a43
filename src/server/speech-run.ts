import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import { SpeechError } from '../../base/errors.js';
import { roundToMs } from '../../base/numbers.js';
import { textOf } from '../../tts/markup/document.js';
import { describeForeignLanguage } from '../../tts/text/language-warning.js';
import { findForeignLanguage } from '../../tts/text/language.js';
import type { SpeakOptions, SpeechChunk } from '../../tts/types.js';
import { SPEECH_SAMPLE_RATE } from '../audio/formats.js';
import { forSpeech, STREAMED_BLOCK_SECONDS } from '../audio/lnt-stream.js';
import type { Turn } from './admission.js';
import type { ServerContext } from './context.js';
import { Playback } from './playback.js';
import { addFacts } from './request-log.js';
import { writeSlowly } from './response-writer.js';
import { callerOf } from './security.js';
import type { AudioRequest } from './speech-request.js';
import { setWarnings } from './warnings.js';

/** One response that speaks: what its stages share. */
export type SpeechRun = {
  context: ServerContext;
  request: AudioRequest;
  response: Response;
  /** Turns the engine's samples into bytes of the request's format. */
  encoder: Duplex;
  /** Aborts when the client leaves or the server gives up on it. */
  signal: AbortSignal;
  turn: Turn;
  startMs: number;
  playback: Playback;
  /** Whether nothing is sent before all is made. */
  isWhole: boolean;
  /** Samples at 24 kHz that went into the encoder. */
  numSamples: number;
};

/**
 * Speaks a request: waits for a turn at the engine, lets the response be written, and counts it.
 *
 * @param context - The server.
 * @param stopping - Aborts the response when the server has waited long enough.
 * @param response - Where to send it.
 * @param request - What to speak.
 * @param write - Writes the response, with {@link encode} and {@link send}, and ends it.
 * @throws {SpeechError} What the caller's limits, the admission, the engine and the encoder throw.
 */
export async function runSpeech(
  context: ServerContext,
  stopping: AbortSignal,
  response: Response,
  request: AudioRequest,
  write: (run: SpeechRun) => Promise<void>,
): Promise<void> {
  const startMs = performance.now();
  addFacts(response, {
    numCharacters: request.text.length,
    voice: request.voice,
    format: request.format.name,
  });
  // by hand, since AbortSignal.any() leaves something behind in the signal that outlives us
  const ending = new AbortController();
  const end = () => {
    ending.abort();
  };
  response.once('close', end);
  stopping.addEventListener('abort', end, { once: true });
  const { signal } = ending;
  const caller = callerOf(response);
  let leave: (() => void) | undefined;
  let turn: Turn | undefined;
  try {
    leave = await context.limits.enter(caller);
    await warn(request, response);
    turn = await context.admission.enter(signal, caller.name);
    const encoder = context.encoders.take(
      forSpeech(request.format, context.engine, request.voice, {
        blockSeconds: STREAMED_BLOCK_SECONDS,
      }),
    );
    const run: SpeechRun = {
      context,
      request,
      response,
      encoder,
      signal,
      turn,
      startMs,
      playback: new Playback(context.metrics, { isOwed: true }),
      isWhole: false,
      numSamples: 0,
    };
    await write(run);
    recordSpeed(run);
  } finally {
    stopping.removeEventListener('abort', end);
    turn?.end();
    leave?.();
  }
}

/**
 * Runs engine, encoder and sink as one chain: when one of them ends early, all of them do.
 *
 * @param run - The response.
 * @param sink - Reads the encoded bytes to their end.
 * @param watch - Is shown every chunk of the engine before its samples are encoded.
 * @throws {SpeechError} `CANCELLED` if the client left; what the engine and the encoder throw.
 */
export async function encode(
  run: SpeechRun,
  sink: (bytes: AsyncIterable<Buffer>) => Promise<void>,
  watch?: (chunk: SpeechChunk) => void,
): Promise<void> {
  try {
    await pipeline(speak(run, watch), run.encoder, sink, { signal: run.signal });
  } catch (thrown) {
    if (run.signal.aborted) {
      throw new SpeechError('CANCELLED', 'The client left.', {}, { cause: thrown });
    }
    throw thrown;
  }
}

/**
 * Sets the headers of a response that speaks, and notes how long its client waited for them.
 *
 * @param run - The response; nothing happens after the first call.
 * @param contentType - Its Content-Type.
 */
export function beginAudio(run: SpeechRun, contentType: string): void {
  const { response } = run;
  if (response.hasHeader('Content-Type')) {
    return;
  }
  response.setHeader('Content-Type', contentType);
  response.setHeader('Cache-Control', 'no-store');
  // proxies that collect a response before they pass it on would undo the streaming
  response.setHeader('X-Accel-Buffering', 'no');
  const waitedMs = performance.now() - run.startMs;
  run.context.metrics.firstAudioSeconds.observe(waitedMs / 1000);
  addFacts(response, { firstAudioMs: Math.round(waitedMs) });
}

/**
 * Sends a part of the response at the pace at which its client reads.
 *
 * @param run - The response.
 * @param data - Bytes or text.
 * @throws {SpeechError} `CANCELLED` if the client left or read nothing for too long.
 */
export function send(run: SpeechRun, data: Buffer | string): Promise<void> {
  const { signal, response } = run;
  const { stallTimeoutMs } = run.context.options;
  return writeSlowly(response, data, { signal, stallTimeoutMs, pause: (wait) => pause(run, wait) });
}

/**
 * Lets others have the engine while this response's client reads, and whoever needs it sooner.
 *
 * @param run - The response.
 * @param wait - What there is to wait for, if the client does not read on.
 * @throws {SpeechError} `CANCELLED` if the client left.
 */
export function pause(run: SpeechRun, wait?: () => Promise<void>): Promise<void> {
  const { turn, playback } = run;
  const waitExcused = async () => {
    playback.excuse();
    await wait?.();
    playback.owe();
  };
  return turn.pause(() => playback.heardMs, wait && waitExcused);
}

/** Markup that was passed over and text in another language: the response and the log say so. */
async function warn({ text, document }: AudioRequest, response: Response): Promise<void> {
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

async function* speak(
  run: SpeechRun,
  watch?: (chunk: SpeechChunk) => void,
): AsyncGenerator<Float32Array, void, undefined> {
  const { engine, dictionaries } = run.context;
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
    const { samples } = chunk;
    watch?.(chunk);
    if (samples.length > 0) {
      run.numSamples += samples.length;
      run.playback.add(samples.length);
      yield samples;
    }
  }
}

function recordSpeed(run: SpeechRun): void {
  const { metrics } = run.context;
  const speechSeconds = run.numSamples / SPEECH_SAMPLE_RATE;
  const workSeconds = (performance.now() - run.startMs) / 1000;
  metrics.speechSeconds.inc({ caller: callerOf(run.response).name }, speechSeconds);
  metrics.realTimeFactor.observe(workSeconds / speechSeconds);
  if (!run.isWhole) {
    run.playback.end();
  }
  addFacts(run.response, { speechSeconds: roundToMs(speechSeconds) });
}
