import { Scheduler, type Job, type JobTask } from '../../../tts/pipeline/scheduler.js';

/** A job that needs `rounds` times tokens, then audio. */
class CountingJob implements Job {
  deadlineSeconds: number;
  isDone = false;
  numTokens = 0;
  error: unknown;
  readonly #log: string[];
  #rounds: number;

  constructor(
    readonly name: string,
    log: string[],
    rounds: number,
    deadlineSeconds = 0,
  ) {
    this.#log = log;
    this.#rounds = rounds;
    this.deadlineSeconds = deadlineSeconds;
  }

  get task(): JobTask {
    if (this.isDone) {
      return 'none';
    }
    return this.numTokens > 0 ? 'audio' : 'tokens';
  }

  makeAudio(): Promise<void> {
    this.#log.push(`audio ${this.name}`);
    this.numTokens = 0;
    this.deadlineSeconds += 1;
    this.isDone = --this.#rounds === 0;
    return Promise.resolve();
  }

  fail(error: unknown): void {
    this.error = error;
  }
}

function makeTokensInto(log: string[], broken?: CountingJob) {
  return (jobs: readonly CountingJob[]): Promise<void> => {
    if (broken !== undefined && jobs.includes(broken)) {
      return Promise.reject(new Error('broken'));
    }
    log.push(`tokens ${jobs.map(({ name }) => name).join('')}`);
    for (const job of jobs) {
      job.numTokens++;
    }
    return Promise.resolve();
  };
}

async function untilEmpty(scheduler: Scheduler<CountingJob>): Promise<void> {
  for (let turn = 0; turn < 200 && scheduler.size > 0; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(scheduler.size).toBe(0);
}

describe('Scheduler', () => {
  it('tells how many are listened to: those at work, and those that were not heard out', async () => {
    const scheduler = new Scheduler<CountingJob>(makeTokensInto([]), 8);
    const late = performance.now() / 1000 + 60;
    const [heardOut, heard] = [new CountingJob('a', [], 1), new CountingJob('b', [], 1, late)];
    for (const job of [heardOut, heard]) {
      Object.defineProperty(job, 'task', { value: 'none' });
    }
    scheduler.add(1, heardOut);
    scheduler.add(2, heard);
    scheduler.add(3, new CountingJob('c', [], 5));
    await new Promise((resolve) => setTimeout(resolve, 5));
    scheduler.remove(3);
    scheduler.wake();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(scheduler.numListeners).toBe(1);
  });

  it('serves the job that runs dry first, and shares token runs', async () => {
    const log: string[] = [];
    const scheduler = new Scheduler(makeTokensInto(log), 4);
    scheduler.add(1, new CountingJob('a', log, 2, 0.5));
    scheduler.add(2, new CountingJob('b', log, 2, 0));
    await untilEmpty(scheduler);
    expect(log).toEqual(['tokens ba', 'audio b', 'audio a', 'tokens ba', 'audio b', 'audio a']);
  });

  it('never takes more jobs into a run than it may', async () => {
    const log: string[] = [];
    const scheduler = new Scheduler(makeTokensInto(log), 2);
    for (const [index, name] of ['a', 'b', 'c', 'd', 'e'].entries()) {
      scheduler.add(index, new CountingJob(name, log, 1));
    }
    await untilEmpty(scheduler);
    const runs = log.filter((line) => line.startsWith('tokens '));
    expect(runs.every((line) => line.length <= 'tokens xx'.length)).toBe(true);
    expect(log.filter((line) => line.startsWith('audio '))).toHaveLength(5);
  });

  it('fails a broken job alone', async () => {
    const log: string[] = [];
    const broken = new CountingJob('x', log, 1);
    const sound = new CountingJob('a', log, 1);
    const scheduler = new Scheduler(makeTokensInto(log, broken), 4);
    scheduler.add(1, broken);
    scheduler.add(2, sound);
    await untilEmpty(scheduler);
    expect(broken.error).toBeInstanceOf(Error);
    expect(sound.error).toBeUndefined();
    expect(sound.isDone).toBe(true);
  });

  it('forgets a job that was removed', async () => {
    const log: string[] = [];
    const scheduler = new Scheduler(makeTokensInto(log), 4);
    scheduler.add(1, new CountingJob('a', log, 1000));
    await new Promise((resolve) => setImmediate(resolve));
    scheduler.remove(1);
    const length = log.length;
    await untilEmpty(scheduler);
    await new Promise((resolve) => setImmediate(resolve));
    expect(log.length).toBeLessThanOrEqual(length + 1);
    expect(scheduler.size).toBe(0);
  });
});
