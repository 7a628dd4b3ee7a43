import { CommanderError, type Command } from 'commander';
import { isErrorLike, toSpeechError, type ErrorCode, type SpeechError } from '../../base/errors.js';

/** Exit codes of the command line. */
export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130, terminated: 143 } as const;

const USAGE_ERRORS: ReadonlySet<ErrorCode> = new Set([
  'OPTION_INVALID',
  'TEXT_EMPTY',
  'TEXT_INVALID',
  'TEXT_TOO_LONG',
  'MARKUP_INVALID',
  'VOICE_UNKNOWN',
  'FORMAT_UNKNOWN',
  'SPEED_OUT_OF_RANGE',
]);

/**
 * Parses the arguments and runs the command they name. Failures are printed to standard error as
 * `error: CODE: message`; a stack is shown only if `LINNET_DEBUG` is set.
 *
 * @param program - The commands.
 * @param args - The arguments after the program's name.
 * @returns The exit code: 0, or 2 if the call was wrong, 130 or 143 after a signal, 1 for all other
 * failures. A reader of standard output that leaves early is no failure.
 */
export async function runProgram(program: Command, args: readonly string[]): Promise<number> {
  const interruption = { code: 0 };
  const onInterrupt = () => {
    interruption.code = EXIT.interrupted;
  };
  const onTerminate = () => {
    interruption.code = EXIT.terminated;
  };
  process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate);
  try {
    await program.parseAsync(args, { from: 'user' });
    return EXIT.ok;
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      // commander has printed its message; help and version end here too, with code 0
      return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
    }
    if (hasCode(thrown, 'EPIPE')) {
      return EXIT.ok;
    }
    const error = toSpeechError(thrown);
    if (interruption.code !== 0 && error.code === 'CANCELLED') {
      return interruption.code;
    }
    printError(error);
    return USAGE_ERRORS.has(error.code) ? EXIT.usage : EXIT.failed;
  } finally {
    process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate);
  }
}

/**
 * Runs a task that ends early when the user interrupts the program.
 *
 * @param task - Gets a signal that aborts on SIGINT and SIGTERM. A second signal ends the program at
 * once.
 * @returns What the task returns.
 */
export async function withInterrupt<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) {
      process.exit(EXIT.interrupted);
    }
    controller.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    return await task(controller.signal);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

function printError(error: SpeechError): void {
  process.stderr.write(`error: ${error.code}: ${error.message}\n`);
  if (isDebugging()) {
    process.stderr.write(`${error.stack ?? ''}\n`);
    if (isErrorLike(error.cause)) {
      process.stderr.write(`caused by: ${error.cause.stack ?? error.cause.message}\n`);
    }
  }
}

function isDebugging(): boolean {
  return (process.env['LINNET_DEBUG'] ?? '') !== '';
}

function hasCode(thrown: unknown, code: string): boolean {
  return isErrorLike(thrown) && thrown.code === code;
}
