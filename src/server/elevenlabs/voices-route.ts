import type { RequestHandler } from 'express';
import type { ServerContext } from '../context.js';

/**
 * `GET /v1/voices`: our voices in ElevenLabs' shape.
 *
 * @param context - The server.
 * @returns The route's handler.
 */
export function listElevenLabsVoices({ engine }: ServerContext): RequestHandler {
  return (_, response) => {
    const voices = engine.voices.map(({ id, name, language, accent, gender, description }) => ({
      voice_id: id,
      name,
      category: 'premade',
      description,
      labels: { language, accent, gender },
      preview_url: `/v1/audio/voices/${id}/sample`,
    }));
    response.json({ voices });
  };
}
