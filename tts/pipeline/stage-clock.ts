/** The ways from text to samples that take a device's time. */
export const STAGES = ['text', 'tokens', 'latents', 'samples'] as const;

/** One of {@link STAGES}. */
export type Stage = (typeof STAGES)[number];

/** What a stage has done so far. */
export type StageTotals = {
  /** Runs, failed ones too. */
  runs: number;
  /** Streams that had a share in them; over `runs`, the mean batch. */
  streams: number;
  /** Time that they took, in seconds. */
  seconds: number;
};

/** Adds up how long each stage takes. */
export class StageClock {
  /** So far; never reset. */
  readonly totals: Readonly<Record<Stage, StageTotals>> = {
    text: { runs: 0, streams: 0, seconds: 0 },
    tokens: { runs: 0, streams: 0, seconds: 0 },
    latents: { runs: 0, streams: 0, seconds: 0 },
    samples: { runs: 0, streams: 0, seconds: 0 },
  };

  /**
   * Runs a task and counts it.
   *
   * @param stage - What it belongs to.
   * @param task - The run.
   * @param streams - How many share it; 1 by default.
   * @returns What it returns; it fails as the task does.
   */
  async time<T>(stage: Stage, task: () => Promise<T>, streams = 1): Promise<T> {
    const start = performance.now();
    try {
      return await task();
    } finally {
      const totals = this.totals[stage];
      totals.runs++;
      totals.streams += streams;
      totals.seconds += (performance.now() - start) / 1000;
    }
  }
}
