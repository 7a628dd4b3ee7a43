import type { RequestHandler } from 'express';
import type { ServerContext } from '../context.js';

/**
 * `GET /v1/voices` and `/v2/voices`: our voices in ElevenLabs' shape, on one page.
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
    response.json({ voices, has_more: false, total_count: voices.length });
  };
}
