import type { Speech } from './speech.js';

/** What a part of the benchmark is measured with. */
export type CodecBench = {
  /** Where it may write; the part's own, and removed afterwards. */
  folder: string;
  speech: Speech;
  /** Files of the parts that take many. */
  files: number;
  /** Minutes of the long file whose speed is measured, and of the shorter one whose memory is. */
  minutes: number;
  /** Hours of the long file whose memory is measured, and in which is sought. */
  hours: number;
  /** How often a run is killed. */
  kills: number;
  /** Timed runs of which the fastest counts. */
  repeats: number;
  /** Of everything drawn. */
  seed: number;
};

/** A line of the table: what was measured, the figure, and what is wanted. */
export type Row = [what: string, measured: string, wanted?: string];

/** Measures something. */
export type Part = (bench: CodecBench) => Promise<Row[]>;
