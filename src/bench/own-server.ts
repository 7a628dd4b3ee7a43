import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SpeechError } from '../../base/errors.js';

const MAIN = fileURLToPath(new URL('../cli/main.js', import.meta.url));
const LISTENING = /^Linnet speaks at (\S+)$/;
/** Lines of its log that an error shows. */
const LAST_LINES = 5;
/** How long after a failure the server's end is waited for. */
const DEATH_MS = 500;

/**
 * Runs `linnet serve` on a free port of this machine, in a process of its own, for as long as a task
 * needs it.
 *
 * @param args - More options for it.
 * @param signal - Ends its start.
 * @param task - Gets its base address.
 * @returns What the task returns.
 * @throws {SpeechError} `BENCH_FAILED` if it does not start, `CANCELLED`; what the task throws.
 */
export async function withOwnServer<T>(
  args: readonly string[],
  signal: AbortSignal,
  task: (url: string) => Promise<T>,
): Promise<T> {
  const own = ['serve', '--host', '127.0.0.1', '--port', '0', '--log-level', 'warn'];
  const child = spawn(process.execPath, [MAIN, ...own, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const closed = once(child, 'close');
  const stop = () => {
    child.kill('SIGTERM');
  };
  signal.addEventListener('abort', stop);
  const lines = createInterface({ input: child.stderr });
  try {
    const last: string[] = [];
    const url = await new Promise<string>((resolve, reject) => {
      lines.on('line', (line) => {
        last.push(line);
        last.splice(0, last.length - LAST_LINES);
        const found = LISTENING.exec(line)?.[1];
        if (found !== undefined) {
          resolve(found);
        }
      });
      lines.once('close', () => {
        reject(
          signal.aborted
            ? new SpeechError('CANCELLED', 'The start of the server was interrupted.')
            : new SpeechError('BENCH_FAILED', `The server did not start: ${last.join(' | ')}`),
        );
      });
    });
    const died = closed.then(([code, exitSignal]) => {
      throw new SpeechError(
        'BENCH_FAILED',
        `The server ended (${String(exitSignal ?? code)}): ${last.join(' | ')}`,
      );
    });
    // the stop at the end is none of its own
    died.catch(() => undefined);
    const done = task(url).catch(async (error: unknown) => {
      // a server that has died tells more than a client that does not reach it
      await Promise.race([died, sleep(DEATH_MS)]);
      throw error;
    });
    return await Promise.race([done, died]);
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
    await closed;
  }
}
