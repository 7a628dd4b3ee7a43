import { SpeechError } from '../../base/errors.js';
import { withSpooledFile } from '../files/spooled-file.js';

/** Stands for standard input or output. */
export const STANDARD_STREAM = '-';

/** @param what - What was to be printed. @throws {SpeechError} `OPTION_INVALID` on a terminal. */
export function refuseTerminal(what: string): void {
  if (process.stdout.isTTY) {
    throw new SpeechError(
      'OPTION_INVALID',
      `${what} are not for a terminal; send them to a pipe or file.`,
    );
  }
}

/** @param warning - One sentence, for standard error. */
export function printWarning(warning: string): void {
  process.stderr.write(`warning: ${warning}\n`);
}

/**
 * Writes to standard output.
 *
 * @param text - What to write.
 * @throws The stream's own error, EPIPE if its reader left.
 */
export function writeToStandardOutput(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error) {
        reject(error);
      } else {
        resolve();
      }
    });
  });
}

/**
 * Reads standard input to its end.
 *
 * @param signal - Ends the reading.
 * @returns Its parts, as they arrive.
 * @throws {SpeechError} `CANCELLED`.
 */
export async function* readStandardInput(
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const stop = () => process.stdin.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const part of process.stdin) {
      yield part as Buffer;
    }
  } catch (error) {
    if (!signal.aborted) {
      throw error;
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
  if (signal.aborted) {
    throw new SpeechError('CANCELLED', 'Reading standard input was cancelled.');
  }
}

/**
 * Keeps standard input in a file while a task needs it, for readers that must seek.
 *
 * @param signal - Ends the reading.
 * @param task - Gets the file's path.
 * @returns What the task returns.
 * @throws {SpeechError} What the task throws, with "standard input" for the path; `FILE_WRITE_FAILED`,
 * `CANCELLED`.
 */
export async function withStandardInputFile<T>(
  signal: AbortSignal,
  task: (path: string) => Promise<T>,
): Promise<T> {
  return withSpooledFile(readStandardInput(signal), 'standard input', task);
}
