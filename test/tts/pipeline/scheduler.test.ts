import {
  Scheduler,
  type Job,
  type JobTask,
  type TaskRunners,
} from '../../../tts/pipeline/scheduler.js';

/** A job that needs `rounds` times tokens, then audio. */
class CountingJob implements Job {
  deadlineSeconds: number;
  isDone = false;
  numTokens = 0;
  error: unknown;
  #rounds: number;

  constructor(
    readonly name: string,
    rounds: number,
    deadlineSeconds = 0,
  ) {
    this.#rounds = rounds;
    this.deadlineSeconds = deadlineSeconds;
  }

  get task(): JobTask {
    if (this.isDone) {
      return 'none';
    }
    return this.numTokens > 0 ? 'audio' : 'tokens';
  }

  takeAudio(): void {
    this.numTokens = 0;
    this.deadlineSeconds += 1;
    this.isDone = --this.#rounds === 0;
  }

  fail(error: unknown): void {
    this.error = error;
  }
}

/** Writes down who takes part in what; a broken job lets runs of its task fail. */
function runnersInto(
  log: string[],
  { maxTokens = 4, maxAudio = 1, broken = [] as CountingJob[] } = {},
): TaskRunners<CountingJob> {
  const note = (task: JobTask, jobs: readonly CountingJob[]): void => {
    if (broken.some((job) => job.task === task && jobs.includes(job))) {
      throw new Error('broken');
    }
    log.push(`${task} ${jobs.map(({ name }) => name).join('')}`);
  };
  const runner = (task: JobTask, maxBatch: number, work: (job: CountingJob) => void) => ({
    maxBatch,
    // eslint-disable-next-line @typescript-eslint/require-await -- what it throws is to be a rejection
    run: async (jobs: readonly CountingJob[]) => {
      note(task, jobs);
      jobs.forEach(work);
    },
  });
  return {
    tokens: runner('tokens', maxTokens, (job) => job.numTokens++),
    audio: runner('audio', maxAudio, (job) => {
      job.takeAudio();
    }),
  };
}

async function untilEmpty(scheduler: Scheduler<CountingJob>): Promise<void> {
  for (let turn = 0; turn < 1_000 && scheduler.size > 0; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(scheduler.size).toBe(0);
}

describe('Scheduler', () => {
  it('tells how many are listened to: those at work, and those that were not heard out', async () => {
    const scheduler = new Scheduler(runnersInto([]));
    const late = performance.now() / 1000 + 60;
    const [heardOut, heard] = [new CountingJob('a', 1), new CountingJob('b', 1, late)];
    for (const job of [heardOut, heard]) {
      Object.defineProperty(job, 'task', { value: 'none' });
    }
    scheduler.add(1, heardOut);
    scheduler.add(2, heard);
    scheduler.add(3, new CountingJob('c', 5));
    await new Promise((resolve) => setTimeout(resolve, 5));
    scheduler.remove(3);
    scheduler.wake();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(scheduler.numListeners).toBe(1);
  });

  it('serves the job that runs dry first, and shares token runs', async () => {
    const log: string[] = [];
    const scheduler = new Scheduler(runnersInto(log));
    scheduler.add(1, new CountingJob('a', 2, 0.5));
    scheduler.add(2, new CountingJob('b', 2, 0));
    await untilEmpty(scheduler);
    expect(log).toEqual(['tokens ba', 'audio b', 'audio a', 'tokens ba', 'audio b', 'audio a']);
  });

  it('shares audio runs where they may be shared', async () => {
    const log: string[] = [];
    const scheduler = new Scheduler(runnersInto(log, { maxAudio: 2 }));
    for (const [index, name] of ['a', 'b', 'c'].entries()) {
      scheduler.add(index, new CountingJob(name, 1));
    }
    await untilEmpty(scheduler);
    expect(log).toEqual(['tokens abc', 'audio ab', 'audio c']);
  });

  it('lets the two tasks take turns where runs are shared, so that new jobs hold up nobody', async () => {
    const log: string[] = [];
    const scheduler = new Scheduler(runnersInto(log, { maxTokens: 8, maxAudio: 8 }));
    const [newJob, oldJob] = [new CountingJob('n', 1), new CountingJob('o', 1, 0.5)];
    // the new one wants tokens three times before it has audio
    newJob.numTokens = -2;
    oldJob.numTokens = 1;
    scheduler.add(1, newJob);
    scheduler.add(2, oldJob);
    await untilEmpty(scheduler);
    expect(log).toEqual(['tokens n', 'audio o', 'tokens n', 'tokens n', 'audio n']);
  });

  it('ends the job that a run names, and lets the others go on', async () => {
    const log: string[] = [];
    const [bad, sound] = [new CountingJob('x', 1), new CountingJob('a', 1)];
    const { tokens, audio } = runnersInto(log, { maxAudio: 4 });
    const scheduler = new Scheduler<CountingJob>({
      tokens,
      audio: {
        maxBatch: 4,
        run: async (jobs, fail) => {
          fail(bad, new Error('not a number'));
          await audio.run(
            jobs.filter((job) => job !== bad),
            fail,
          );
        },
      },
    });
    scheduler.add(1, bad);
    scheduler.add(2, sound);
    await untilEmpty(scheduler);
    expect(bad.error).toMatchObject({ message: 'not a number' });
    expect(sound.error).toBeUndefined();
    expect(log).toEqual(['tokens xa', 'audio a']);
  });

  it('fails all of an audio run that throws, and makes none of it twice', async () => {
    const log: string[] = [];
    const jobs = [new CountingJob('a', 1), new CountingJob('b', 1)];
    let numRuns = 0;
    const { tokens } = runnersInto(log);
    const run = () => {
      numRuns++;
      return Promise.reject(new Error('no device'));
    };
    const scheduler = new Scheduler<CountingJob>({ tokens, audio: { maxBatch: 4, run } });
    jobs.forEach((job, id) => {
      scheduler.add(id, job);
    });
    await untilEmpty(scheduler);
    expect(numRuns).toBe(1);
    expect(jobs.map(({ error }) => error)).toEqual([expect.any(Error), expect.any(Error)]);
  });

  it('never takes more jobs into a run than it may', async () => {
    const log: string[] = [];
    const scheduler = new Scheduler(runnersInto(log, { maxTokens: 2 }));
    for (const [index, name] of ['a', 'b', 'c', 'd', 'e'].entries()) {
      scheduler.add(index, new CountingJob(name, 1));
    }
    await untilEmpty(scheduler);
    const runs = log.filter((line) => line.startsWith('tokens '));
    expect(runs.every((line) => line.length <= 'tokens xx'.length)).toBe(true);
    expect(log.filter((line) => line.startsWith('audio '))).toHaveLength(5);
  });

  it('fails a broken job alone', async () => {
    const log: string[] = [];
    const broken = new CountingJob('x', 1);
    const sound = new CountingJob('a', 1);
    const scheduler = new Scheduler(runnersInto(log, { broken: [broken] }));
    scheduler.add(1, broken);
    scheduler.add(2, sound);
    await untilEmpty(scheduler);
    expect(broken.error).toBeInstanceOf(Error);
    expect(sound.error).toBeUndefined();
    expect(sound.isDone).toBe(true);
  });

  it('forgets a job that was removed', async () => {
    const log: string[] = [];
    const scheduler = new Scheduler(runnersInto(log));
    scheduler.add(1, new CountingJob('a', 1000));
    await new Promise((resolve) => setImmediate(resolve));
    scheduler.remove(1);
    const length = log.length;
    await untilEmpty(scheduler);
    await new Promise((resolve) => setImmediate(resolve));
    expect(log.length).toBeLessThanOrEqual(length + 1);
    expect(scheduler.size).toBe(0);
  });
});
