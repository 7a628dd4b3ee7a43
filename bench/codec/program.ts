import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findPackageRoot } from '../../base/package-root.js';

/** How a run of `linnet` ended. */
export type ProgramRun = {
  /** Null if a signal ended it. */
  exitCode: number | null;
  /** From its start to its end. */
  seconds: number;
  /** The largest resident set that was seen, of all its threads, in MB (10^6 bytes). */
  peakMb: number;
  stdout: string;
  stderr: string;
};

const MAIN = join(findPackageRoot(), 'bin', 'linnet.js');
/** How often a process is asked for its memory, in ms. Its largest is kept by the system, so only the end can be missed. */
const POLL_MS = 20;

/**
 * Runs `linnet` in a process of its own.
 *
 * @param args - The command and its arguments.
 * @param options - `killAfterMs`: when SIGKILL is sent, if the process still runs then.
 * @returns How it ended.
 */
export async function runLinnet(
  args: readonly string[],
  options: { killAfterMs?: number } = {},
): Promise<ProgramRun> {
  const startMs = performance.now();
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  let peakMb = 0;
  const poll = setInterval(() => {
    void readPeakMb(child.pid!).then((mb) => (peakMb = Math.max(peakMb, mb)));
  }, POLL_MS);
  const { killAfterMs } = options;
  const kill =
    killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  const [exitCode] = (await once(child, 'close')) as [number | null];
  clearInterval(poll);
  clearTimeout(kill);
  const seconds = (performance.now() - startMs) / 1000;
  return { exitCode, seconds, peakMb, stdout, stderr };
}

/**
 * Runs `linnet` to its end.
 *
 * @param args - The command and its arguments.
 * @returns How it ended.
 * @throws {Error} If it failed, with what it said.
 */
export async function expectDone(args: readonly string[]): Promise<ProgramRun> {
  const run = await runLinnet(args);
  if (run.exitCode !== 0) {
    throw new Error(`linnet ${args.join(' ')} ended with ${String(run.exitCode)}: ${run.stderr}`);
  }
  return run;
}

/**
 * Runs `linnet` several times, since what else runs on a machine only ever makes it slower.
 *
 * @param args - The command and its arguments; its results are replaced (`--overwrite`).
 * @param repeats - How often, at least 1.
 * @returns The seconds of the fastest run.
 * @throws {Error} If one failed.
 */
export async function fastest(args: readonly string[], repeats: number): Promise<number> {
  let seconds = Infinity;
  for (let run = 0; run < repeats; run++) {
    seconds = Math.min(seconds, (await expectDone(args)).seconds);
  }
  return seconds;
}

/** VmHWM of a process, 0 once it has ended. */
async function readPeakMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return (Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024) / 1e6;
}
