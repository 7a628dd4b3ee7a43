import { rethrow, type JobFailure } from './make-tokens.js';
import type { AudioPiece, SpeechJob } from './speech-job.js';
import type { SpeechModels } from './speech-models.js';

/**
 * Turns tokens into audio for several jobs at once.
 *
 * @param models - The shared models.
 * @param jobs - Jobs whose task is `audio`, as many as the models take at once. If this throws, they
 * have failed.
 * @param fail - Told of a job that cannot go on, while the others do; by default its error is thrown.
 */
export async function makeAudio(
  models: SpeechModels,
  jobs: readonly SpeechJob[],
  fail: JobFailure = rethrow,
): Promise<void> {
  for (const job of jobs) {
    job.hold();
  }
  try {
    await render(models, jobs, fail);
  } finally {
    for (const job of jobs) {
      job.release();
    }
  }
}

async function render(
  models: SpeechModels,
  jobs: readonly SpeechJob[],
  fail: JobFailure,
): Promise<void> {
  const { clock, flow, latents: decoder } = models;
  const spoken: { job: SpeechJob; piece: AudioPiece }[] = [];
  for (const job of jobs) {
    const piece = await job.prepareAudio();
    if (piece !== undefined) {
      spoken.push({ job, piece });
    }
  }
  if (spoken.length === 0) {
    return;
  }
  const tokens = spoken.map(({ piece }) => ({ ...piece, stream: piece.flow }));
  const latents = await clock.time('latents', () => flow.advance(tokens), tokens.length);
  const decoded = spoken.flatMap(({ job, piece }, index) => {
    const result = latents[index]!;
    const frames = { stream: piece.decoder, latents: result.latents, isLast: result.isOver };
    return result.latents.length > 0 || result.isOver ? [{ job, frames }] : [];
  });
  if (decoded.length === 0) {
    return;
  }
  const frames = decoded.map((entry) => entry.frames);
  const samples = await clock.time('samples', () => decoder.advance(frames), frames.length);
  for (const [index, { job }] of decoded.entries()) {
    const result = samples[index]!;
    try {
      job.acceptAudio(result.samples, result.isOver);
    } catch (error) {
      fail(job, error);
    }
  }
}
