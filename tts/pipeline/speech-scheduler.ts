import { makeAudio } from './make-audio.js';
import { makeTokens } from './make-tokens.js';
import { Scheduler } from './scheduler.js';
import type { SpeechJob } from './speech-job.js';
import type { SpeechModels } from './speech-models.js';

/**
 * Makes the scheduler of a device's speeches.
 *
 * @param models - Shared by all jobs.
 */
export function speechScheduler(models: SpeechModels): Scheduler<SpeechJob> {
  const { language, flow, latents } = models;
  return new Scheduler<SpeechJob>({
    tokens: {
      run: (jobs, fail) => makeTokens(models, jobs, fail),
      maxBatch: language.maxBatch,
    },
    audio: {
      run: (jobs, fail) => makeAudio(models, jobs, fail),
      maxBatch: Math.min(flow.maxBatch, latents.maxBatch),
    },
  });
}
