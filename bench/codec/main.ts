import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { parseInteger } from '../../src/cli/arguments.js';
import { runProgram } from '../../src/cli/run.js';
import { describeMachine, formatMachine } from '../../src/bench/machine.js';
import { formatTable } from '../../src/bench/table.js';
import { explained } from '../explained.js';
import { measureEntropy } from './entropy.js';
import { measureMemory } from './memory.js';
import type { CodecBench, Part, Row } from './parts.js';
import { measureResume } from './resume.js';
import { measureSeek } from './seek.js';
import { measureShort } from './short.js';
import { getSpeech } from './speech.js';
import { measureSpeed } from './speed.js';
import { measureThreads } from './threads.js';

type Arguments = Omit<CodecBench, 'folder' | 'speech'> & { only?: string[]; speech?: string };

const PARTS: Readonly<Record<string, Part>> = {
  entropy: measureEntropy,
  speed: measureSpeed,
  short: measureShort,
  memory: measureMemory,
  seek: measureSeek,
  resume: measureResume,
  threads: measureThreads,
};

async function bench({ only = Object.keys(PARTS), speech, ...sizes }: Arguments): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'linnet-bench-codec-'));
  try {
    const spoken = await getSpeech(speech, folder);
    process.stderr.write(`${(spoken.seconds / 60).toFixed(1)} minutes of speech\n`);
    const rows: Row[] = [];
    for (const name of only) {
      process.stderr.write(`measuring: ${name}\n`);
      const own = join(folder, name);
      mkdirSync(own);
      const measured = await PARTS[name]!({ ...sizes, folder: own, speech: spoken });
      rmSync(own, { recursive: true });
      // at once too, so that a run that is broken off is not lost
      process.stderr.write(formatTable(['what', 'measured', 'wanted'], measured));
      rows.push(...measured);
    }
    const load = loadavg().map((value) => value.toFixed(1));
    process.stdout.write(
      `${formatMachine(describeMachine())}Load in the last 1, 5 and 15 minutes: ${load.join(', ')}\n\n` +
        formatTable(['what', 'measured', 'wanted'], rows),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function parseParts(value: string): string[] {
  const names = value.split(',');
  if (names.some((name) => !(name in PARTS))) {
    throw new InvalidArgumentError(`It must be of ${Object.keys(PARTS).join(',')}.`);
  }
  return names;
}

const program = new Command('codec')
  .description('measure what linnet encode and decode reach')
  .option('--only <parts>', `of ${Object.keys(PARTS).join(',')}`, parseParts)
  .option('--speech <folder>', 'recordings; without it the voices speak')
  .option('--files <n>', 'short files', parseInteger(20, 1_000_000), 1000)
  .option('--minutes <n>', 'of the long file for speed', parseInteger(1, 600), 10)
  .option('--hours <n>', 'of the long file for memory and seeking', parseInteger(1, 100), 10)
  .option('--kills <n>', 'of runs that are resumed', parseInteger(1, 10_000), 50)
  .option('--repeats <n>', 'timed runs, of which the fastest counts', parseInteger(1, 100), 2)
  .option('--seed <n>', 'of all that is drawn', parseInteger(0, 2 ** 32 - 1), 1)
  .exitOverride()
  .action(explained(bench));
process.exitCode = await runProgram(program, process.argv.slice(2));
