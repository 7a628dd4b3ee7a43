import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** What is sent to a running command. */
export type Interruption = {
  /** When, in ms after its start. */
  afterMs: number;
  /** The first signal. */
  signal: 'SIGINT' | 'SIGTERM';
  /** A second one follows so many ms later, unless undefined. */
  againAfterMs?: number;
  /** Sent to all processes of the command, as a terminal and `timeout` do, and not to it alone. */
  isForGroup: boolean;
};

/** How an interrupted command ended. */
export type InterruptedRun = {
  /** As a shell counts: 128 and the signal's number for a process that a signal ended. */
  exitCode: number;
  /** Whether it had ended before the signal was sent. */
  isTooLate: boolean;
  /** Time from the signal to the end, in ms. */
  endMs: number;
  /** Files that it left: in its folder, or among the temporary ones. */
  files: string[];
  /** Names of programs of its group that still ran. */
  programs: string[];
  stderr: string;
};

const MAIN = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
const SIGNAL_NUMBERS: Readonly<Record<string, number>> = { SIGINT: 2, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 }; // prettier-ignore

/**
 * Runs `linnet` and interrupts it.
 *
 * @param args - The command and its arguments; input files by absolute paths.
 * @param interruption - What is sent when; undefined lets it run to its end.
 * @returns How it ended.
 */
export async function runInterrupted(
  args: readonly string[],
  interruption: Interruption | undefined,
): Promise<InterruptedRun> {
  const folder = mkdtempSync(join(tmpdir(), 'linnet-signals-'));
  try {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: folder,
      env: { ...process.env, TMPDIR: folder },
      stdio: ['ignore', 'ignore', 'pipe'],
      // a group of its own, whose processes can be counted afterwards
      detached: true,
    });
    let stderr = '';
    child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
    const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    const group = child.pid!;
    let sentMs = performance.now();
    let isTooLate = false;
    if (interruption !== undefined) {
      const { afterMs, signal, againAfterMs, isForGroup } = interruption;
      await Promise.race([sleep(afterMs), closed]);
      sentMs = performance.now();
      isTooLate = child.exitCode !== null;
      send(isForGroup ? -group : group, signal);
      if (againAfterMs !== undefined) {
        await sleep(againAfterMs);
        send(isForGroup ? -group : group, signal);
      }
    }
    const [code, signal] = await closed;
    const endMs = performance.now() - sentMs;
    const exitCode = code ?? 128 + (SIGNAL_NUMBERS[signal ?? ''] ?? 0);
    return {
      exitCode,
      isTooLate,
      endMs,
      files: readdirSync(folder),
      programs: programsOf(group),
      stderr,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function send(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch {
    // it has ended by itself
  }
}

/** Names of the running programs of a process group, from /proc. */
function programsOf(group: number): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      try {
        const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
        const [, program = '', rest = ''] = /\((.*)\) (.*)/s.exec(stat) ?? [];
        const [state, , processGroup] = rest.split(' ');
        return Number(processGroup) === group && state !== 'Z' ? [program] : [];
      } catch {
        // it ended while we looked
        return [];
      }
    });
}
