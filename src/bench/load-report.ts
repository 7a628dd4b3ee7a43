import { loadavg } from 'node:os';
import type { CrosstalkFigures } from './crosstalk.js';
import type { Percentiles, StepFigures } from './load-step.js';
import { describeMachine, formatMachine, type Machine } from './machine.js';
import type { SoakFigures } from './soak.js';
import { fixed, formatTable } from './table.js';

/** What `linnet bench server` measures; what `--json` writes. */
export type LoadReport = {
  /** Of the clients; of the server too unless it has another address. */
  machine: Machine;
  /** Processes that wanted to run in the minute before the measurement, as the system counts them. */
  loadAverage: number;
  protocol: string;
  /** Null where all text goes at once. */
  wordsPerSecond: number | null;
  steps: StepFigures[];
  crosstalk: CrosstalkFigures | null;
  soak: SoakFigures | null;
};

/**
 * Begins a report.
 *
 * @param protocol - Of the clients.
 * @param wordsPerSecond - Undefined where all text goes at once.
 * @returns The report, without figures.
 */
export function beginReport(protocol: string, wordsPerSecond: number | undefined): LoadReport {
  return {
    machine: describeMachine(),
    loadAverage: loadavg()[0] ?? 0,
    protocol,
    wordsPerSecond: wordsPerSecond ?? null,
    steps: [],
    crosstalk: null,
    soak: null,
  };
}

/**
 * Shows a report as Markdown.
 *
 * @param report - The figures.
 * @returns Lines, each with its newline.
 */
export function formatLoadReport(report: LoadReport): string {
  const { machine, loadAverage, protocol, wordsPerSecond, steps, crosstalk, soak } = report;
  const pace =
    wordsPerSecond === null ? 'ten words at once' : `ten words, ${wordsPerSecond} a second`;
  const parts = [
    `${formatMachine(machine)}Load average ${loadAverage.toFixed(1)} before; ${protocol}, ${pace}\n`,
  ];
  if (steps.length > 0) {
    parts.push(formatSteps(steps));
  }
  if (crosstalk !== null) {
    const { rounds, mismatches } = crosstalk;
    parts.push(`Crosstalk: ${mismatches} mismatches in ${rounds} rounds of two clients.\n`);
  }
  if (soak !== null) {
    parts.push(formatSoak(soak));
  }
  return parts.join('\n');
}

function formatSteps(steps: readonly StepFigures[]): string {
  const hasWords = steps.some(({ afterThirdWord }) => afterThirdWord !== null);
  const head = [
    'streams',
    'utterances',
    'first audio, ms, p50 / p95 / p99',
    ...(hasWords ? ['after the third word'] : []),
    'gap p95, ms',
    'real-time factor',
    'underruns',
    '... seconds',
    'refused',
    'failed',
    'cores',
    'MB',
  ];
  const rows = steps.map((step) => [
    String(step.streams),
    String(step.utterances),
    showPercentiles(step.firstAudio),
    ...(hasWords ? [showPercentiles(step.afterThirdWord)] : []),
    fixed(step.gapP95Ms, 0),
    fixed(step.realTimeFactor, 3),
    String(step.underruns),
    fixed(step.underrunSeconds, 2),
    String(step.refusals),
    showFailures(step.failures),
    fixed(step.cpuCores, 2),
    fixed(step.memoryMb, 0),
  ]);
  return formatTable(head, rows);
}

function formatSoak(soak: SoakFigures): string {
  return formatTable(
    ['soak', 'value'],
    [
      ['minutes', String(soak.minutes)],
      ['clients at a time', String(soak.clients)],
      ['utterances heard to their end', String(soak.utterances)],
      ['... left in the middle', String(soak.left)],
      ['... refused', String(soak.refusals)],
      ['... failed', showFailures(soak.failures)],
      ['underruns', String(soak.underruns)],
      ['resident memory after the warm-up, MB', fixed(soak.startMb, 0)],
      ['... at the end', fixed(soak.endMb, 0)],
      ['... at most', fixed(soak.maxMb, 0)],
      ['places not given back', String(soak.keptPlaces)],
    ],
  );
}

function showPercentiles(times: Percentiles | null): string | null {
  return times && [times.p50Ms, times.p95Ms, times.p99Ms].map((ms) => ms.toFixed(0)).join(' / ');
}

function showFailures(failures: Readonly<Record<string, number>>): string {
  const codes = Object.entries(failures).map(([code, count]) => `${count} ${code}`);
  return codes.length === 0 ? '0' : codes.join(', ');
}
