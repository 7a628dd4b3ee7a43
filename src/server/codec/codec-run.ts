import { once } from 'node:events';
import type { Request, Response } from 'express';
import { SpeechError } from '../../../base/errors.js';
import { roundToMs } from '../../../base/numbers.js';
import { acceptBody } from '../body-guards.js';
import type { ServerContext } from '../context.js';
import { addFacts } from '../request-log.js';
import { writeSlowly } from '../response-writer.js';
import { callerOf } from '../security.js';
import { joinWarnings, setWarnings, WARNING_HEADER } from '../warnings.js';
import { checkBody, openBody, type AudioBody } from './audio-body.js';

/** One request that encodes or decodes. */
export type CodecRun = {
  context: ServerContext;
  body: AudioBody;
  response: Response;
  /** Aborts when the client leaves or the server gives up on it. */
  signal: AbortSignal;
  /** What is odd about the input, so far. */
  warnings: string[];
  /** Samples that went through, at the codec's rate. */
  numSamples: number;
};

/**
 * Serves a request that encodes or decodes: checks its head, waits for a place, begins to read its body.
 *
 * @param context - The server.
 * @param stopping - Aborts the response when the server has waited long enough.
 * @param request - The request.
 * @param response - Its response.
 * @param work - Does it, with {@link sendAll}.
 * @throws {SpeechError} What is wrong with the body, and what the limits, the admission and the work throw.
 */
export async function runCodec(
  context: ServerContext,
  stopping: AbortSignal,
  request: Request,
  response: Response,
  work: (run: CodecRun) => Promise<void>,
): Promise<void> {
  const { maxAudioBytes, stallTimeoutMs } = context.options;
  const limits = { maxBytes: maxAudioBytes, stallTimeoutMs };
  checkBody(request, limits);
  const ending = new AbortController();
  const end = () => {
    ending.abort();
  };
  const stop = () => {
    // a body that still comes would otherwise be waited for
    response.destroy();
  };
  response.once('close', end);
  stopping.addEventListener('abort', stop, { once: true });
  const { signal } = ending;
  const caller = callerOf(response);
  const leave = await context.limits.enter(caller);
  try {
    const place = await context.codecs.admission.enter(signal, caller.name);
    try {
      acceptBody(request, response);
      const body = await openBody(request, limits);
      await work({ context, body, response, signal, warnings: [], numSamples: 0 });
    } finally {
      place.end();
    }
  } catch (thrown) {
    if (signal.aborted) {
      throw new SpeechError('CANCELLED', 'The client left.', {}, { cause: thrown });
    }
    throw thrown;
  } finally {
    stopping.removeEventListener('abort', stop);
    leave();
  }
}

/**
 * Counts what goes through a request, and ends it where that is too much.
 *
 * @param run - The request.
 * @param samples - Mono samples at the codec's rate.
 * @param sampleRate - Hz.
 * @yields The samples, as they are.
 * @throws {SpeechError} `AUDIO_TOO_LONG`.
 */
export async function* countSamples(
  run: CodecRun,
  samples: AsyncIterable<Float32Array>,
  sampleRate: number,
): AsyncGenerator<Float32Array, void, undefined> {
  const { maxAudioSeconds } = run.context.options;
  for await (const piece of samples) {
    run.numSamples += piece.length;
    if (run.numSamples > maxAudioSeconds * sampleRate) {
      throw new SpeechError(
        'AUDIO_TOO_LONG',
        `The audio is longer than ${maxAudioSeconds} s, the most there may be.`,
        { maxSeconds: maxAudioSeconds },
      );
    }
    yield piece;
  }
}

/**
 * Sends a response while it is made. Warnings known before its first byte stand in its head, later ones in its trailer.
 *
 * @param run - The request; its response is ended.
 * @param bytes - The response.
 * @param contentType - Its type.
 * @throws {SpeechError} `CANCELLED` if the client left or read nothing for too long; what `bytes` throws.
 */
export async function sendAll(
  run: CodecRun,
  bytes: AsyncIterable<Uint8Array>,
  contentType: string,
): Promise<void> {
  const { response, signal, warnings } = run;
  const { stallTimeoutMs } = run.context.options;
  const pause = async (wait?: () => Promise<void>) => {
    await wait?.();
  };
  let numTold = 0;
  for await (const part of bytes) {
    if (!response.hasHeader('Content-Type')) {
      response.setHeader('Content-Type', contentType);
      response.setHeader('Cache-Control', 'no-store');
      response.setHeader('X-Accel-Buffering', 'no');
      response.setHeader('Trailer', WARNING_HEADER);
      setWarnings(response, warnings);
      numTold = warnings.length;
    }
    await writeSlowly(response, part, { signal, stallTimeoutMs, pause });
  }
  if (warnings.length > numTold) {
    response.addTrailers({ [WARNING_HEADER]: joinWarnings(warnings.slice(numTold)) });
  }
  response.end();
  if (!response.writableFinished) {
    // whoever gets the place next is not to wait for this client
    await Promise.race([once(response, 'finish'), once(response, 'close')]);
  }
}

/**
 * Counts a request that came to its end.
 *
 * @param run - The request.
 * @param direction - Which it was.
 * @param sampleRate - Hz of its samples.
 */
export function recordCodecRun(
  run: CodecRun,
  direction: 'encode' | 'decode',
  sampleRate: number,
): void {
  const audioSeconds = run.numSamples / sampleRate;
  const caller = callerOf(run.response).name;
  run.context.metrics.codecSeconds.inc({ direction, caller }, audioSeconds);
  addFacts(run.response, {
    audioSeconds: roundToMs(audioSeconds),
    ...(run.warnings.length === 0 ? {} : { warnings: run.warnings.length }),
  });
}
