import type { LanguageModelStream } from '../language-model/index.js';
import type { SpeechJob } from './speech-job.js';
import type { SpeechModels } from './speech-models.js';

/**
 * Advances the language model for several jobs at once.
 *
 * @param models - The shared models.
 * @param jobs - Jobs whose task is `tokens`. If this throws, they are as they were.
 */
export async function makeTokens(models: SpeechModels, jobs: readonly SpeechJob[]): Promise<void> {
  const prepared: { job: SpeechJob; stream: LanguageModelStream }[] = [];
  for (const job of jobs) {
    const stream = await job.prepareTokens(models);
    if (stream !== undefined) {
      prepared.push({ job, stream });
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
      job.acceptTokens(steps[index] ?? []);
    }
  } finally {
    for (const { job } of ready) {
      job.release();
    }
  }
}
