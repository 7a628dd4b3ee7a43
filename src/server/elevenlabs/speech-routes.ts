import type { Request, RequestHandler } from 'express';
import type { SpeechChunk } from '../../../tts/types.js';
import { SPEECH_SAMPLE_RATE } from '../../audio/formats.js';
import { collectWhole, sendSlices, sendStream, sendWhole } from '../audio-response.js';
import type { ServerContext } from '../context.js';
import { beginAudio, encode, runSpeech, send, type SpeechRun } from '../speech-run.js';
import { CharacterClock, type Alignment } from './character-clock.js';
import { parseElevenLabsRequest } from './speech-request.js';

/** How the audio of a request is sent. */
export type ElevenLabsForm =
  'whole' | 'stream' | 'whole-with-timestamps' | 'stream-with-timestamps';

const WRITERS: Readonly<Record<ElevenLabsForm, (run: SpeechRun) => Promise<void>>> = {
  whole: sendWhole,
  stream: sendStream,
  'whole-with-timestamps': sendWholeWithTimestamps,
  'stream-with-timestamps': sendStreamWithTimestamps,
};

/**
 * `POST /v1/text-to-speech/:voice` and its siblings, ElevenLabs' speech endpoints.
 *
 * @param context - The server.
 * @param stopping - Aborts every response when the server has waited long enough.
 * @param form - `whole` sends the audio once it is complete, `stream` while it is made; with timestamps
 * it comes as base64 in JSON, one object or one a line.
 * @returns The route's handler.
 */
export function elevenLabsSpeechRoute(
  context: ServerContext,
  stopping: AbortSignal,
  form: ElevenLabsForm,
): RequestHandler<{ voice: string }> {
  return async (httpRequest: Request<{ voice: string }>, response) => {
    const { params, query } = httpRequest;
    const body: unknown = httpRequest.body;
    const request = parseElevenLabsRequest(
      { body, voice: params.voice, query },
      { voices: context.engine.voices, maxInput: context.options.maxInput },
    );
    await runSpeech(context, stopping, response, request, WRITERS[form]);
  };
}

async function sendWholeWithTimestamps(run: SpeechRun): Promise<void> {
  const { clock, watch } = followCharacters(run);
  const audio = await collectWhole(run, watch);
  clock.complete();
  beginAudio(run, 'application/json; charset=utf-8');
  await sendSlices(run, Buffer.from(JSON.stringify(toBody(audio, clock.take()))));
}

async function sendStreamWithTimestamps(run: SpeechRun): Promise<void> {
  const { clock, watch } = followCharacters(run);
  const sendLine = (audio: Buffer) => send(run, `${JSON.stringify(toBody(audio, clock.take()))}\n`);
  await encode(
    run,
    async (bytes) => {
      for await (const part of bytes) {
        beginAudio(run, 'application/x-ndjson; charset=utf-8');
        await sendLine(part);
      }
    },
    watch,
  );
  // what stands behind the last sound is known now
  clock.complete();
  if (clock.hasCharacters) {
    await sendLine(Buffer.alloc(0));
  }
  run.response.end();
}

/** A clock that is told of all that the engine says. */
function followCharacters(run: SpeechRun) {
  const clock = new CharacterClock();
  clock.pushText(run.request.text);
  let numSamples = 0;
  const watch = ({ samples, marks }: SpeechChunk) => {
    numSamples += samples.length;
    clock.pushAudio(numSamples / SPEECH_SAMPLE_RATE, marks);
  };
  return { clock, watch };
}

/** Unlike those of the WebSockets, times count from the start of the speech. */
function toBody(audio: Buffer, { characters, startsMs, durationsMs, originMs }: Alignment) {
  const toSeconds = (ms: number) => (originMs + ms) / 1000;
  const alignment =
    characters.length === 0
      ? null
      : {
          characters,
          character_start_times_seconds: startsMs.map(toSeconds),
          character_end_times_seconds: startsMs.map((start, index) =>
            toSeconds(start + durationsMs[index]!),
          ),
        };
  return {
    audio_base64: audio.toString('base64'),
    alignment,
    // what is said for numbers and the like is not told: these are the characters of the text
    normalized_alignment: alignment,
  };
}
