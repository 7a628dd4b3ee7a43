import { BroadcastChannel } from 'node:worker_threads';
import { Scheduler, type Job } from '../../tts/pipeline/scheduler.js';
import { SpeechJob } from '../../tts/pipeline/speech-job.js';
import { watchCalls } from './watch-calls.js';

/** What a worker tells of its work. */
export type WorkerReport = {
  /** Jobs it holds. */
  numJobs: number;
  /** Runs of networks for each job, in the order in which the jobs came. */
  runs: number[];
  /** The same when the last job came. */
  runsBefore: number[];
};

// the real worker, with an ear for what it does
const jobs: Job[] = [];
const runs: number[] = [];
let runsBefore: number[] = [];
let scheduler: Scheduler<Job> | undefined;

watchCalls(Scheduler.prototype as Scheduler<Job>, 'add', (object, [, job]) => {
  scheduler = object;
  runsBefore = [...runs];
  runs[jobs.push(job as Job) - 1] = 0;
});
for (const name of ['acceptTokens', 'prepareAudio'] as const) {
  watchCalls(SpeechJob.prototype, name, (job) => {
    runs[jobs.indexOf(job)]! += 1;
  });
}

const channel = new BroadcastChannel('linnet worker');
channel.onmessage = (message) => {
  if ((message as { data: unknown }).data === 'report') {
    const report: WorkerReport = { numJobs: scheduler?.size ?? 0, runs, runsBefore };
    channel.postMessage(report);
  }
};
channel.unref();

await import('../../engine/worker/worker.js');
