import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RequestHandler } from 'express';
import { SpeechError, toSpeechError } from '../../base/errors.js';
import { roundToMs } from '../../base/numbers.js';
import type { SpeechChunk } from '../../tts/types.js';
import { patchHeader } from '../audio/finalise.js';
import { SPEECH_SAMPLE_RATE } from '../audio/formats.js';
import type { ServerContext } from './context.js';
import { toOpenAiError } from './openai-error.js';
import { addFacts } from './request-log.js';
import { writeSlowly } from './response-writer.js';
import { parseSpeechRequest, type HttpSpeechRequest } from './speech-request.js';
import { handleSpeech, pause, speak, type SpeechRun } from './speech-run.js';

/** What one response's stages share. */
type Run = SpeechRun<HttpSpeechRequest> & {
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
  return handleSpeech(context, stopping, {
    parse: parseSpeechRequest,
    send: async (base) => {
      // not a copy: who made it reads the counts in the end
      const run: Run = Object.assign(base, { words: [] });
      const { format, streamFormat, isStreamed } = run.request;
      addFacts(run.response, { format: format.name });
      const encoder = context.encoders.take(format);
      await (streamFormat === 'sse'
        ? sendEvents(context, run, encoder)
        : isStreamed
          ? sendStream(context, run, encoder)
          : sendWhole(context, run, encoder));
    },
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
    await pipeline(speakSamples(context, run), encoder, sink, { signal: run.signal });
  } catch (thrown) {
    if (run.signal.aborted) {
      throw new SpeechError('CANCELLED', 'The client left.', {}, { cause: thrown });
    }
    throw thrown;
  }
}

async function* speakSamples(
  context: ServerContext,
  run: Run,
): AsyncGenerator<Float32Array, void, undefined> {
  for await (const { samples, words } of speak(context, run)) {
    if (run.request.hasWordTimes) {
      run.words.push(...words);
    }
    if (samples.length > 0) {
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
