import { CommanderError, type Command } from 'commander';
import { isErrorLike, toSpeechError, type ErrorCode, type SpeechError } from '../../base/errors.js';
import { removeTemporaryFiles } from '../files/output-file.js';
import { interruptedExitCode, listenForSignals, setLastResort } from './interruption.js';

/** Exit codes of the command line, beside those of interruption.ts. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

const FILES_FAILED = 'linnet.filesFailed';

/** Ends a command some of whose files failed, as it has told already. */
export function filesFailed(): CommanderError {
  return new CommanderError(EXIT.failed, FILES_FAILED, '');
}

/** How much later than a failure that a signal caused the signal itself may be noticed, in ms. */
const SIGNAL_DELAY_MS = 20;

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
 * @returns The exit code: 0, or 2 if the call was wrong, 130 or 143 after a signal (of a server, after
 * the second), 1 for all other failures. A reader of standard output that leaves early is no failure.
 */
export async function runProgram(program: Command, args: readonly string[]): Promise<number> {
  listenForSignals();
  setLastResort(removeTemporaryFiles);
  try {
    await program.parseAsync(args, { from: 'user' });
    return interruptedExitCode() ?? EXIT.ok;
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      // commander has printed its message; help and version end here too, with code 0
      return thrown.code === FILES_FAILED
        ? EXIT.failed
        : thrown.exitCode === 0
          ? EXIT.ok
          : EXIT.usage;
    }
    if (hasCode(thrown, 'EPIPE')) {
      return EXIT.ok;
    }
    // ffmpeg gets a terminal's signal too, and its end may be noticed before the signal is
    await new Promise((resolve) => setTimeout(resolve, SIGNAL_DELAY_MS));
    const interrupted = interruptedExitCode();
    if (interrupted !== undefined) {
      return interrupted;
    }
    const error = toSpeechError(thrown);
    printError(error);
    return USAGE_ERRORS.has(error.code) ? EXIT.usage : EXIT.failed;
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
