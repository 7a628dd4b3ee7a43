import { SpeechError } from '../../base/errors.js';
import type { LanguageModelStream } from '../language-model/index.js';
import type { SpeechJob } from './speech-job.js';
import type { SpeechModels } from './speech-models.js';

/** Ends a job of a batch with its error. */
export type JobFailure = (job: SpeechJob, error: unknown) => void;

/** For whoever has one job only. */
export const rethrow: JobFailure = (_, error) => {
  throw error as Error;
};

/**
 * Advances the language model for several jobs at once.
 *
 * @param models - The shared models.
 * @param jobs - Jobs whose task is `tokens`. If this throws, they are as they were.
 * @param fail - Told of a job that cannot go on, while the others do; by default its error is thrown.
 */
export async function makeTokens(
  models: SpeechModels,
  jobs: readonly SpeechJob[],
  fail: JobFailure = rethrow,
): Promise<void> {
  const prepared: { job: SpeechJob; stream: LanguageModelStream }[] = [];
  for (const job of jobs) {
    try {
      const stream = await job.prepareTokens(models);
      if (stream !== undefined) {
        prepared.push({ job, stream });
      }
    } catch (error) {
      fail(job, error);
    }
  }
  // a job may have been cancelled while another one was prepared
  const ready = prepared.filter(({ job }) => !job.isDone);
  if (ready.length === 0) {
    return;
  }
  try {
    for (const { job } of ready) {
      job.hold();
    }
    const streams = ready.map(({ stream }) => stream);
    const run = () => models.language.advance(streams);
    const steps = await models.clock.time('tokens', run, streams.length);
    for (const [index, { job }] of ready.entries()) {
      const taken = steps[index];
      if (taken === undefined) {
        const message = 'The language model made values that are not numbers.';
        fail(job, new SpeechError('INTERNAL', message));
      } else {
        job.acceptTokens(taken);
      }
    }
  } finally {
    for (const { job } of ready) {
      job.release();
    }
  }
}
