import cliProgress from 'cli-progress';
import type { Task } from './plan.js';
import type { ManifestEntry, ManifestWriter } from './manifest.js';

/** What became of a run. */
export type BatchResult = {
  numDone: number;
  numKept: number;
  numFailed: number;
  /** Seconds of audio in the files that were made. */
  audioSeconds: number;
  /** Seconds that the run took. */
  workSeconds: number;
};

/** Where a run is told of. */
export type ReportOptions = {
  /** For people. A bar is drawn if it is a terminal. */
  output: NodeJS.WriteStream;
  /** Gets each entry as a line of JSON. */
  writeLine?: ((line: string) => Promise<void>) | undefined;
  /** Gets each entry too. */
  manifest?: ManifestWriter | undefined;
  /** Files in all. */
  numFiles: number;
};

const FORMAT =
  '{bar} {value} of {total} files | {audio} of audio | {factor} times real time | {eta_formatted} left';

/** Tells people and programs how far a run over many files is. */
export class BatchReport {
  readonly #options: ReportOptions;
  readonly #startMs = performance.now();
  readonly #bar: cliProgress.SingleBar | undefined;
  readonly #result = { numDone: 0, numKept: 0, numFailed: 0, audioSeconds: 0 };

  /** @param options - See {@link ReportOptions}. */
  constructor(options: ReportOptions) {
    this.#options = options;
    if (options.output.isTTY) {
      this.#bar = new cliProgress.SingleBar(
        // signals end the run, and not the bar alone
        { format: FORMAT, stream: options.output, gracefulExit: false, etaBuffer: 100 },
        cliProgress.Presets.shades_classic,
      );
      this.#bar.start(options.numFiles, 0, this.#figures());
    }
  }

  /** What became of the run so far. */
  get result(): BatchResult {
    return { ...this.#result, workSeconds: (performance.now() - this.#startMs) / 1000 };
  }

  /** Whether a file was told of. */
  get hasTold(): boolean {
    const { numDone, numKept, numFailed } = this.#result;
    return numDone + numKept + numFailed > 0;
  }

  /**
   * Tells of a file.
   *
   * @param entry - What became of it.
   * @throws {SpeechError} `FILE_WRITE_FAILED` if the manifest cannot be written.
   */
  async tell(entry: ManifestEntry): Promise<void> {
    const { status, durationSeconds = 0, warnings = [], error } = entry;
    if (status === 'failed') {
      this.#result.numFailed++;
    } else if (status === 'kept') {
      this.#result.numKept++;
    } else {
      this.#result.numDone++;
      this.#result.audioSeconds += durationSeconds;
    }
    for (const warning of warnings) {
      this.#print(`warning: ${entry.input}: ${warning}`);
    }
    if (error !== undefined) {
      // most messages name the file already
      const message = error.message.includes(entry.input)
        ? error.message
        : `${entry.input}: ${error.message}`;
      this.#print(`error: ${error.code}: ${message}`);
    }
    this.#bar?.increment(1, this.#figures());
    await this.#options.writeLine?.(`${JSON.stringify(entry)}\n`);
    await this.#options.manifest?.write(entry);
  }

  /** Takes the bar away. */
  stop(): void {
    this.#bar?.stop();
  }

  /** One line that says what was done. */
  summary(): string {
    const { numDone, numKept, numFailed, audioSeconds, workSeconds } = this.result;
    const parts = [
      `${numDone} files, ${describeAudio(audioSeconds)} of audio in ${workSeconds.toFixed(1)} s (${factor(audioSeconds, workSeconds)} times real time)`,
      ...(numKept > 0 ? [`${numKept} were there`] : []),
      ...(numFailed > 0 ? [`${numFailed} failed`] : []),
    ];
    const numLeft = this.#options.numFiles - numDone - numKept - numFailed;
    return [...parts, ...(numLeft > 0 ? [`${numLeft} are left, for --resume`] : [])].join('; ');
  }

  #print(line: string): void {
    const { output } = this.#options;
    output.write(this.#bar === undefined ? `${line}\n` : `\r\u001b[K${line}\n`);
  }

  #figures(): Record<string, string> {
    const { audioSeconds, workSeconds } = this.result;
    return { audio: describeAudio(audioSeconds), factor: factor(audioSeconds, workSeconds) };
  }
}

/**
 * An entry for a file that failed.
 *
 * @param task - The file.
 * @param error - Why.
 */
export function failed(task: Task, error: { code: string; message: string }): ManifestEntry {
  return { ...task, status: 'failed', error: { code: error.code, message: error.message } };
}

function describeAudio(seconds: number): string {
  return seconds < 600 ? `${seconds.toFixed(1)} s` : `${(seconds / 3600).toFixed(2)} h`;
}

function factor(audioSeconds: number, workSeconds: number): string {
  return (audioSeconds / Math.max(workSeconds, 1e-3)).toFixed(1);
}
