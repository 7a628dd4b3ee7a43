import { SpeechError, toSpeechError } from '../../base/errors.js';
import type { ManifestEntry } from './manifest.js';
import type { Task } from './plan.js';
import { failed, type BatchReport } from './report.js';

/** Gives the next file of a run; `undefined` when there is none. */
export type NextTask = () => Task | undefined;

/** Works on files until there is none, and tells what became of each. */
export type Lane = (next: NextTask, tell: (entry: ManifestEntry) => Promise<void>) => Promise<void>;

/**
 * Works on files in several lanes at the same time.
 *
 * @param tasks - The files.
 * @param lanes - The lanes; each has networks of its own, or takes turns with others.
 * @param report - Is told of each file.
 * @throws {SpeechError} What a lane throws, once all have ended: the run cannot go on then.
 */
export async function runLanes(
  tasks: readonly Task[],
  lanes: readonly Lane[],
  report: BatchReport,
): Promise<void> {
  let index = 0;
  let isBroken = false;
  const next = () => (isBroken ? undefined : tasks[index++]);
  const results = await Promise.allSettled(
    lanes.map(async (lane) => {
      try {
        await lane(next, (entry) => report.tell(entry));
      } catch (error) {
        isBroken = true;
        throw error;
      }
    }),
  );
  const broken = results.find((result) => result.status === 'rejected');
  if (broken !== undefined) {
    throw broken.reason;
  }
}

/** How much later than a failure that a signal caused the signal itself may be noticed, in ms. */
const SIGNAL_DELAY_MS = 20;

/**
 * What becomes of a run when a file fails: mostly nothing.
 *
 * @param task - The file.
 * @param thrown - Why.
 * @param signal - Whether the run is interrupted.
 * @returns The file's entry.
 * @throws {SpeechError} `thrown` itself if all other files would fail too: the run was interrupted, the disk is full, the
 * engine is gone.
 */
export async function entryOfFailure(
  task: Task,
  thrown: unknown,
  signal: AbortSignal,
): Promise<ManifestEntry> {
  // ffmpeg gets a terminal's signal too, and its end may be noticed before the signal is
  await new Promise((resolve) => setTimeout(resolve, SIGNAL_DELAY_MS));
  const error = signal.aborted
    ? new SpeechError('CANCELLED', 'The run was interrupted.', {}, { cause: thrown })
    : toSpeechError(thrown);
  if (endsRun(error)) {
    throw error;
  }
  return failed(task, error);
}

function endsRun({ code, details }: SpeechError): boolean {
  return (
    code === 'CANCELLED' ||
    code === 'ENGINE_CRASHED' ||
    code === 'ENGINE_CLOSED' ||
    (code === 'FILE_WRITE_FAILED' && details['reason'] === 'ENOSPC')
  );
}
