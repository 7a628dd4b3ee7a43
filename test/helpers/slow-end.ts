import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { interruptedExitCode, setLastResort, withInterrupt } from '../../src/cli/interruption.js';

// a task that needs so many ms to end once it is told to, as an engine does whose network runs
const endMs = Number(process.argv[2]);
setLastResort(() => writeSync(1, 'given up\n'));
await withInterrupt(async (signal) => {
  const aborted = new Promise((resolve) => {
    signal.addEventListener('abort', resolve);
  });
  writeSync(1, 'started\n');
  // the timer keeps the process alive while it waits
  await Promise.race([aborted, sleep(60_000)]);
  await sleep(endMs);
  writeSync(1, 'ended\n');
});
process.exit(interruptedExitCode());
