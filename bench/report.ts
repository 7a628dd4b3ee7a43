import type { ClientsFigures, FirstBytes } from './clients.js';
import { formatMachine, type Machine } from '../src/bench/machine.js';
import type { ServerFigures } from './server.js';
import type { StageFigures } from './stages.js';
import { fixed, formatTable } from '../src/bench/table.js';
import type { EngineFigures } from './whole.js';

/** Everything that `npm run bench` measures; what `--json` writes. */
export type BenchReport = {
  machine: Machine;
  /** The device that was chosen and the threads that were asked for. */
  device: string;
  threads: number | null;
  stages: StageFigures;
  engine: EngineFigures;
  /** Null where the server was left out. */
  server: ServerFigures | null;
  clients: ClientsFigures | null;
};

/** Shows a report as Markdown tables. */
export function formatReport(report: BenchReport): string {
  const { stages, engine, server, clients } = report;
  const threads = report.threads === null ? 'threads by default' : `${report.threads} threads`;
  const speed = formatTable(
    ['stage', 'seconds', 'real-time factor'],
    [
      ...stages.stages.map(({ name, seconds, realTimeFactor }) => [
        name,
        fixed(seconds, 3),
        fixed(realTimeFactor, 4),
      ]),
      [
        'text to samples, whole',
        fixed(engine.realTimeFactor * engine.audioSeconds, 3),
        fixed(engine.realTimeFactor, 4),
      ],
    ],
  );
  const rest: [string, string | undefined][] = [
    ['load and warm-up, s', fixed(engine.loadSeconds, 2)],
    ['language model, tokens a second', fixed(stages.tokensPerSecond, 0)],
    ['first audio, engine, 10 words, ms', fixed(engine.firstAudioMs, 0)],
  ];
  if (server !== null) {
    rest.push(
      ['first PCM byte over HTTP, 10 words, ms', fixed(server.firstByteMs, 0)],
      ['first MP3 byte over HTTP, 10 words, ms', fixed(server.firstMp3ByteMs, 0)],
      ['the slowest of the PCM ones, ms', fixed(server.slowestFirstByteMs, 0)],
      ['resident memory, server ready, MB', fixed(server.startMb, 0)],
      [`... after ${2 * Math.ceil(server.requests / 2)} requests`, fixed(server.halfMb, 0)],
      [`... after ${2 * server.requests} requests`, fixed(server.endMb, 0)],
    );
  }
  if (clients !== null) {
    const { closedLoop, together, besidePaused } = clients;
    const show = ({ p50Ms, p95Ms }: FirstBytes) => `${p50Ms.toFixed(0)} / ${p95Ms.toFixed(0)}`;
    rest.push(
      [`first byte, ${clients.clients} clients, ms, p50 / p95`, show(closedLoop)],
      ['... all at the same instant', show(together)],
      [`first byte beside ${clients.pausedReaders} that never read`, show(besidePaused)],
      ['... memory of each of these, MB', fixed(clients.pausedMb, 1)],
    );
  }
  return (
    formatMachine(report.machine) +
    `Device ${report.device}, ${threads}; ${stages.audioSeconds.toFixed(1)} s of audio, ` +
    `warm, medians\n\n${speed}\n${formatTable(['what', 'value'], rest)}`
  );
}
