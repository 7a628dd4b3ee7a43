/** What a job can do next. */
export type JobTask = 'tokens' | 'audio' | 'none';

/** One stream of speech, as the {@link Scheduler} sees it. */
export interface Job {
  /** What it can do now without waiting for anybody. */
  readonly task: JobTask;
  /** When its listener runs out of audio, in seconds of `performance.now() / 1000`. */
  readonly deadlineSeconds: number;
  /** Whether it has nothing left to do, ever. */
  readonly isDone: boolean;
  /** Called once, when a task of the job failed; the job is dropped. */
  fail(error: unknown): void;
}

/** Does a task for several jobs at once. */
export type TaskRunner<J> = {
  /**
   * @param jobs - Those whose task it is.
   * @param fail - Ends one of them with its error; the others go on.
   */
  run: (jobs: readonly J[], fail: (job: J, error: unknown) => void) => Promise<void>;
  /** How many jobs it takes at once, at least 1. */
  maxBatch: number;
};

/** What the tasks of jobs are done by. */
export type TaskRunners<J> = {
  /** Advances the language model by a few steps. It must leave all jobs as they were if it throws. */
  tokens: TaskRunner<J>;
  /** Turns tokens into audio and hands it to the consumers. If it throws, all the jobs have failed. */
  audio: TaskRunner<J>;
};

/** Turns of the event loop between tasks: a text that came goes through some before it can be spoken. */
const NUM_TURNS = 4;

/**
 * Shares one device among many jobs: the one whose listener runs dry first is served first, one
 * short task at a time, so that a new job waits for one task and not for another job's whole text.
 */
export class Scheduler<J extends Job> {
  readonly #jobs = new Map<number, J>();
  readonly #runners: TaskRunners<J>;
  #isRunning = false;
  #isClosed = false;
  #numListeners = 0;
  #lastTask: 'tokens' | 'audio' = 'audio';

  /** @param runners - What does the tasks. */
  constructor(runners: TaskRunners<J>) {
    this.#runners = runners;
  }

  /** Jobs that are not done. */
  get size(): number {
    return this.#jobs.size;
  }

  /**
   * Jobs that somebody listened to or waited for when the last task was chosen: all but those that wait
   * for text and were heard to their end.
   */
  get numListeners(): number {
    return this.#numListeners;
  }

  /** @returns The job of this number, unless it ended. */
  get(id: number): J | undefined {
    return this.#jobs.get(id);
  }

  /** Takes a job in. @param id - Its number, not in use. */
  add(id: number, job: J): void {
    this.#jobs.set(id, job);
    this.wake();
  }

  /** Drops a job; a task of it that is running ends, and then nothing of it is left. */
  remove(id: number): void {
    this.#jobs.delete(id);
  }

  /** To be called whenever a job may have become able to go on. */
  wake(): void {
    if (!this.#isRunning && !this.#isClosed) {
      this.#isRunning = true;
      void this.#run();
    }
  }

  /** Drops all jobs; nothing starts any more. Tasks that are running end by themselves. */
  close(): void {
    this.#isClosed = true;
    this.#jobs.clear();
  }

  async #run(): Promise<void> {
    for (;;) {
      // a task blocks this thread: messages (text, cancellations) get their turn in between
      for (let turn = 0; turn < NUM_TURNS; turn++) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      const ready = this.#readyJobs();
      const first = ready[0];
      if (first === undefined) {
        break;
      }
      this.#lastTask = this.#chooseTask(first[1], ready);
      await this.#share(this.#lastTask, ready);
      for (const [id, job] of ready) {
        if (job.isDone) {
          this.#jobs.delete(id);
        }
      }
    }
    this.#isRunning = false;
  }

  /**
   * The task of the most urgent job, unless runs are shared by all: then the two take turns, so that new
   * jobs, which are always the most urgent, do not hold up the others.
   */
  #chooseTask(first: J, ready: readonly [number, J][]): 'tokens' | 'audio' {
    const urgent = first.task === 'audio' ? 'audio' : 'tokens';
    if (this.#runners.audio.maxBatch === 1) {
      return urgent;
    }
    const other = this.#lastTask === 'audio' ? 'tokens' : 'audio';
    return ready.some(([, { task }]) => task === other) ? other : urgent;
  }

  /** Jobs with something to do, the most urgent first; older ones first among equals. */
  #readyJobs(): [number, J][] {
    const now = performance.now() / 1000;
    const jobs = [...this.#jobs];
    const ready = jobs.filter(([, job]) => job.task !== 'none');
    const isListening = ([, job]: [number, J]) => job.deadlineSeconds > now || job.task !== 'none';
    this.#numListeners = jobs.filter(isListening).length;
    return ready.sort(([, a], [, b]) => a.deadlineSeconds - b.deadlineSeconds);
  }

  /** Does a task for the most urgent jobs that wait for it. */
  async #share(task: 'tokens' | 'audio', ready: readonly [number, J][]): Promise<void> {
    const { run, maxBatch } = this.#runners[task];
    const batch = ready.filter(([, job]) => job.task === task).slice(0, maxBatch);
    const ids = new Map(batch.map(([id, job]) => [job, id]));
    const fail = (job: J, error: unknown): void => {
      const id = ids.get(job)!;
      if (this.#jobs.get(id) === job) {
        this.#jobs.delete(id);
        job.fail(error);
      }
    };
    const jobs = batch.map(([, job]) => job);
    try {
      await run(jobs, fail);
    } catch (error) {
      for (const job of jobs) {
        if (task === 'audio' || jobs.length === 1) {
          fail(job, error);
        } else {
          // one bad job must not end the others: each gets its own turn, and its own failure
          await run([job], fail).catch((own: unknown) => {
            fail(job, own);
          });
        }
      }
    }
  }
}
