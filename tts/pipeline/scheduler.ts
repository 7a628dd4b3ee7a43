/** What a job can do next: `tokens` may be shared with other jobs, `audio` is its own. */
export type JobTask = 'tokens' | 'audio' | 'none';

/** One stream of speech, as the {@link Scheduler} sees it. */
export interface Job {
  /** What it can do now without waiting for anybody. */
  readonly task: JobTask;
  /** When its listener runs out of audio, in seconds of `performance.now() / 1000`. */
  readonly deadlineSeconds: number;
  /** Whether it has nothing left to do, ever. */
  readonly isDone: boolean;
  /** Turns the tokens it has into a chunk of audio and hands it to the consumer. */
  makeAudio(): Promise<void>;
  /** Called once, when a task of the job failed; the job is dropped. */
  fail(error: unknown): void;
}

/**
 * Shares one device among many jobs: the one whose listener runs dry first is served first, one
 * short task at a time, so that a new job waits for one task and not for another job's whole text.
 */
export class Scheduler<J extends Job> {
  readonly #jobs = new Map<number, J>();
  readonly #makeTokens: (jobs: readonly J[]) => Promise<void>;
  readonly #maxBatch: number;
  #isRunning = false;
  #isClosed = false;
  #numListeners = 0;

  /**
   * @param makeTokens - Advances several jobs by a few steps of the language model. It must leave
   * them all as they were if it fails.
   * @param maxBatch - How many jobs it takes at once, at least 1.
   */
  constructor(makeTokens: (jobs: readonly J[]) => Promise<void>, maxBatch: number) {
    this.#makeTokens = makeTokens;
    this.#maxBatch = maxBatch;
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
      await new Promise((resolve) => setImmediate(resolve));
      const ready = this.#readyJobs();
      const first = ready[0];
      if (first === undefined) {
        break;
      }
      if (first[1].task === 'audio') {
        await this.#guard(first, () => first[1].makeAudio());
      } else {
        const batch = ready.filter(([, job]) => job.task === 'tokens').slice(0, this.#maxBatch);
        await this.#runTokens(batch);
      }
      for (const [id, job] of ready) {
        if (job.isDone) {
          this.#jobs.delete(id);
        }
      }
    }
    this.#isRunning = false;
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

  async #runTokens(batch: readonly [number, J][]): Promise<void> {
    try {
      await this.#makeTokens(batch.map(([, job]) => job));
    } catch {
      // one bad job must not end the others: each gets its own turn, and its own failure
      for (const entry of batch) {
        await this.#guard(entry, () => this.#makeTokens([entry[1]]));
      }
    }
  }

  async #guard([id, job]: [number, J], task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      if (this.#jobs.get(id) === job) {
        this.#jobs.delete(id);
        job.fail(error);
      }
    }
  }
}
