import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { findPackageRoot } from '../base/package-root.js';
import { parseInteger } from '../src/cli/arguments.js';
import { runProgram } from '../src/cli/run.js';
import { fillUniform } from '../tts/noise.js';
import { explained } from './explained.js';
import { runInterrupted, type Interruption, type InterruptedRun } from './signal-runs.js';

type Arguments = { runs: number; seed: number };

/** Within this part of a whole run's time the signal comes; later ones would often be too late. */
const LATEST_PART = 0.9;

const TEXT =
  'The harbour lights came on one by one, and the last ferry turned slowly home. '.repeat(4);
const SAMPLE = join(findPackageRoot(), 'samples', 'slt.wav');

async function bench({ runs, seed }: Arguments): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'linnet-signals-'));
  try {
    const mp3 = join(folder, 'slt.mp3');
    const tokens = join(folder, 'slt.lnt');
    await expectDone(['encode', SAMPLE, '-o', tokens]);
    await expectDone(['decode', tokens, '-o', mp3]);
    await measure('speak', ['speak', TEXT, '-o', 'out.mp3', '--captions', 'out.srt'], runs, seed);
    await measure('encode', ['encode', mp3, '-o', 'out.lnt'], runs, seed);
    await measure('decode', ['decode', tokens, '-o', 'out.mp3'], runs, seed);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measure(name: string, args: string[], numRuns: number, seed: number): Promise<void> {
  const startMs = performance.now();
  await expectDone(args);
  const wholeMs = performance.now() - startMs;
  let numGood = 0;
  let slowestMs = 0;
  for (let run = 0; run < numRuns; run++) {
    const interruption = draw(seed, run, wholeMs * LATEST_PART);
    let result = await runInterrupted(args, interruption);
    while (result.isTooLate) {
      // the machine was busier when the whole run was measured
      interruption.afterMs *= LATEST_PART;
      result = await runInterrupted(args, interruption);
    }
    if (isGood(interruption, result)) {
      numGood++;
      slowestMs = Math.max(slowestMs, result.endMs);
    } else {
      const { exitCode, files, programs, stderr } = result;
      const what = JSON.stringify({ ...interruption, exitCode, files, programs, stderr });
      process.stdout.write(`${name}: ${what}\n`);
    }
  }
  process.stdout.write(
    `${name}: ${numGood} of ${numRuns} ended with 130 (143 after SIGTERM) and left nothing, within ${Math.round(slowestMs)} ms; a whole run takes ${Math.round(wholeMs)} ms\n`,
  );
}

function draw(seed: number, run: number, latestMs: number): Interruption {
  const numbers = new Float32Array(4);
  fillUniform(numbers, seed, 'sampling', run);
  const [moment, kind, group, gap] = numbers;
  return {
    afterMs: moment! * latestMs,
    signal: kind! < 0.75 ? 'SIGINT' : 'SIGTERM',
    isForGroup: group! < 0.5,
    ...(kind! < 0.5 ? { againAfterMs: 10 + 20 * gap! } : {}),
  };
}

/** A signal that comes when the output is in its place, but before the process is gone, may leave that. */
function isGood({ signal }: Interruption, result: InterruptedRun): boolean {
  const { exitCode, files, programs, stderr } = result;
  const isDone = stderr !== '';
  return (
    exitCode === (signal === 'SIGINT' ? 130 : 143) &&
    files.every((name) => isDone && name.startsWith('out.')) &&
    programs.length === 0
  );
}

async function expectDone(args: string[]): Promise<void> {
  const { exitCode, stderr } = await runInterrupted(args, undefined);
  if (exitCode !== 0) {
    throw new Error(`linnet ${args[0]!} ended with ${exitCode}: ${stderr}`);
  }
}

const program = new Command('signals')
  .description('interrupt speak, encode and decode at random moments')
  .option('--runs <n>', 'runs of each', parseInteger(1, 10_000), 50)
  .option('--seed <n>', 'of the moments', parseInteger(0, 2 ** 32 - 1), 1)
  .exitOverride()
  .action(explained(bench));
process.exitCode = await runProgram(program, process.argv.slice(2));
