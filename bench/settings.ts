import type { EngineOptions } from '../engine/client/engine.js';

/** What a benchmark is run with. */
export type BenchSettings = {
  device: NonNullable<EngineOptions['device']>;
  threads?: number;
  precision: NonNullable<EngineOptions['precision']>;
  /** Folder of the models. */
  model: string;
  /** Runs of which the median is taken. */
  runs: number;
  /** HTTP requests between the two looks at the server's memory. */
  requests: number;
};

/** The settings as the engine wants them. */
export function engineOptions({ device, threads, precision, model }: BenchSettings): EngineOptions {
  return { device, precision, model, ...(threads === undefined ? {} : { threads }) };
}
