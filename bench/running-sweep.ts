import { findModels } from '../base/package-root.js';
import { measureClients } from './clients.js';
import { describeMachine, formatMachine } from '../src/bench/machine.js';
import { fixed, formatTable } from '../src/bench/table.js';

// by how many turns at the engine the server's default is chosen; see docs/performance.md
const MAX_RUNNING = [2, 4, 8, 16, 32];

const rows: (string | undefined)[][] = [];
for (const maxRunning of MAX_RUNNING) {
  process.stderr.write(`measuring: --max-running ${maxRunning}\n`);
  const { together, closedLoop, besidePaused } = await measureClients(
    { device: 'cpu', precision: 'auto', model: findModels(), runs: 1, requests: 0 },
    { maxRunning },
  );
  const times = [closedLoop, together, besidePaused].flatMap(({ p50Ms, p95Ms }) => [p50Ms, p95Ms]);
  const row = [String(maxRunning), ...times.map((value) => fixed(value, 0))];
  // at once too, so that a run that is broken off is not lost
  process.stderr.write(`${row.join(' ')}\n`);
  rows.push(row);
}
const head = ['p50', 'p95', 'together, p50', 'p95', 'beside paused, p50', 'p95'];
process.stdout.write(
  `${formatMachine(describeMachine())}\n${formatTable(['turns', ...head], rows)}`,
);
