import { resolve } from 'node:path';
import type { RequestHandler } from 'express';
import { OPENAI_VOICES, resolveVoice } from '../../tts/voices/resolve-voice.js';
import type { ServerContext } from './context.js';
import { findModel, MODELS } from './models.js';

const SAMPLE_AGE_MS = 3_600_000;

/**
 * `GET /v1/models`.
 *
 * @returns The route's handler.
 */
export function listModels(): RequestHandler {
  return (_, response) => {
    response.json({ object: 'list', data: MODELS });
  };
}

/**
 * `GET /v1/models/:id`; fails with `MODEL_NOT_FOUND`.
 *
 * @returns The route's handler.
 */
export function showModel(): RequestHandler<{ id: string }> {
  return (request, response) => {
    response.json(findModel(request.params.id));
  };
}

/**
 * `GET /v1/audio/models`, which Open WebUI asks: its list is under `models`, others read `data`.
 *
 * @returns The route's handler.
 */
export function listAudioModels(): RequestHandler {
  return (_, response) => {
    const models = MODELS.map(({ id }) => ({ id, name: id }));
    response.json({ object: 'list', data: MODELS, models });
  };
}

/**
 * `GET /v1/audio/voices`: our voices, then OpenAI's names for them. There is no standard shape;
 * this one serves the clients that read `voices` and those that read `data`, and `?legacy=true`
 * those that expect bare names.
 *
 * @param context - The server.
 * @returns The route's handler.
 */
export function listVoices({ engine }: ServerContext): RequestHandler {
  return (request, response) => {
    const own = engine.voices.map((voice) => ({
      ...voice,
      // a path of this machine
      sample: undefined,
      object: 'voice',
      preview_url: `/v1/audio/voices/${voice.id}/sample`,
    }));
    const aliases = OPENAI_VOICES.filter((id) => own.every((voice) => voice.id !== id)).map(
      (id) => {
        const target = resolveVoice(id, engine.voices);
        const { language } = own.find((voice) => voice.id === target)!;
        const description = `Another name for ${target}.`;
        return { id, name: id, language, description, object: 'voice', alias_of: target };
      },
    );
    const voices = [...own, ...aliases];
    if (request.query['legacy'] === 'true') {
      response.json({ voices: voices.map(({ id }) => id) });
      return;
    }
    response.json({ object: 'list', data: voices, voices });
  };
}

/**
 * `GET /v1/audio/voices/:id/sample`: two seconds of a voice as WAV; fails with `VOICE_UNKNOWN`.
 *
 * @param context - The server.
 * @returns The route's handler.
 */
export function sendVoiceSample({ engine }: ServerContext): RequestHandler<{ id: string }> {
  return (request, response, next) => {
    const id = resolveVoice(request.params.id, engine.voices);
    const { sample } = engine.voices.find((voice) => voice.id === id)!;
    response.sendFile(resolve(sample), { maxAge: SAMPLE_AGE_MS }, (error) => {
      // it is called at the end of any answer
      if (!response.headersSent) {
        next(error);
      }
    });
  };
}
