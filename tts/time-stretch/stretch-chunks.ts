import type { SpeechChunk } from '../types.js';
import { TimeStretch } from './streaming.js';

/**
 * Changes the speed of speech that comes in chunks, and the times of its words with it.
 *
 * @param chunks - Speech at natural speed. Ending the result early ends it too.
 * @param speed - 0.25 to 4; at 1 the chunks themselves are passed on.
 * @returns Chunks at the new speed, with samples or words or both.
 * @throws {SpeechError} `SPEED_OUT_OF_RANGE`, at the first step.
 */
export async function* stretchChunks(
  chunks: AsyncIterable<SpeechChunk>,
  speed: number,
): AsyncGenerator<SpeechChunk, void, undefined> {
  const stretch = new TimeStretch(speed);
  for await (const chunk of chunks) {
    if (speed === 1) {
      yield chunk;
      continue;
    }
    const samples = stretch.push(chunk.samples);
    const words = chunk.words.map(({ word, startSeconds, endSeconds }) => ({
      word,
      startSeconds: stretch.mapSeconds(startSeconds),
      endSeconds: stretch.mapSeconds(endSeconds),
    }));
    if (samples.length > 0 || words.length > 0) {
      yield { samples, words };
    }
  }
  const rest = stretch.flush();
  if (rest.length > 0) {
    yield { samples: rest, words: [] };
  }
}
