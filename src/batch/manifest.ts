import { open, readFile, type FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { SpeechError, toSpeechError } from '../../base/errors.js';
import { writeWholeFile } from '../files/output-file.js';

const ENTRY = z.object({
  /** The file that was read. */
  input: z.string().min(1),
  /** The file that was made of it. */
  output: z.string().min(1),
  /** What became of it; `kept`: it was there, whole. */
  status: z.enum(['encoded', 'decoded', 'kept', 'failed']),
  /** Why it failed. */
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  /** What is odd about it. */
  warnings: z.array(z.string()).optional(),
  /** Seconds of audio. */
  durationSeconds: z.number().optional(),
  /** Size of the output. */
  numBytes: z.number().optional(),
  /** Name of the codec, such as `linnet-24k-rvq`. */
  codec: z.string().optional(),
  /** Levels of the tokens. */
  levels: z.number().optional(),
  /** SHA-256 of the codec's weights. */
  weightsHash: z.string().optional(),
});

/** What became of one file: a line of a manifest. */
export type ManifestEntry = z.infer<typeof ENTRY>;

const NEWLINE = 10;

/** Appends to a manifest, JSON lines, while files are worked on. */
export class ManifestWriter {
  readonly #path: string;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  /**
   * Opens a manifest.
   *
   * @param path - Its file; what it holds stays, but for half a line that a killed process left at its end.
   * @throws {SpeechError} `FILE_WRITE_FAILED`.
   */
  static async open(path: string): Promise<ManifestWriter> {
    const fail = failAbout(path);
    const handle = await open(path, 'a+').catch(fail);
    try {
      const { size } = await handle.stat();
      const kept = await findLineEnd(handle, size);
      if (kept < size) {
        await handle.truncate(kept);
      }
    } catch (error) {
      await handle.close();
      fail(error);
    }
    return new ManifestWriter(path, handle);
  }

  /** @param entry - Written as one line, by one call. @throws {SpeechError} `FILE_WRITE_FAILED`. */
  async write(entry: ManifestEntry): Promise<void> {
    await this.#handle.appendFile(`${JSON.stringify(entry)}\n`).catch(failAbout(this.#path));
  }

  /** Closes the file. */
  close(): Promise<void> {
    return this.#handle.close();
  }
}

/**
 * Reads a manifest.
 *
 * @param path - Its file.
 * @returns Its entries, in order; half a line at the end is left out.
 * @throws {SpeechError} `FILE_NOT_FOUND`; `FILE_READ_FAILED`, also for a line that is no entry.
 */
export async function readManifest(path: string): Promise<ManifestEntry[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const failure = toSpeechError(error);
    throw new SpeechError(failure.code, `${path}: ${failure.message}`, { path }, { cause: error });
  });
  const lines = text.split('\n');
  // the last one has an end, or was never finished
  lines.pop();
  return lines.flatMap((line, index) => (line === '' ? [] : [parse(line, path, index + 1)]));
}

/**
 * Makes one manifest of several, such as those of shards or of runs one after the other.
 *
 * @param manifests - Their entries.
 * @returns One entry for each output, sorted by it: the last that did not fail, else the last; what was made is told
 * rather than that it was kept.
 */
export function mergeManifests(manifests: readonly (readonly ManifestEntry[])[]): ManifestEntry[] {
  const merged = new Map<string, ManifestEntry>();
  for (const entry of manifests.flat()) {
    const before = merged.get(entry.output);
    const isWorth = before === undefined || rank(entry) >= rank(before);
    if (isWorth) {
      merged.set(entry.output, entry);
    }
  }
  return [...merged.values()].sort((a, b) => (a.output < b.output ? -1 : 1));
}

/**
 * Writes a manifest as a whole.
 *
 * @param path - Its file, which appears when it is complete.
 * @param entries - What it shall hold.
 * @throws {SpeechError} `FILE_WRITE_FAILED`.
 */
export async function writeManifest(
  path: string,
  entries: readonly ManifestEntry[],
): Promise<void> {
  const text = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  await writeWholeFile(path, new TextEncoder().encode(text));
}

function rank({ status }: ManifestEntry): number {
  return status === 'failed' ? 0 : status === 'kept' ? 1 : 2;
}

function parse(line: string, path: string, number: number): ManifestEntry {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = undefined;
  }
  const result = ENTRY.safeParse(value);
  if (!result.success) {
    throw new SpeechError(
      'FILE_READ_FAILED',
      `${path}: line ${number} is no entry of a manifest.`,
      {
        path,
        line: number,
      },
    );
  }
  return result.data;
}

/** Where the last whole line ends. */
async function findLineEnd(handle: FileHandle, size: number): Promise<number> {
  const piece = Buffer.alloc(65_536);
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - piece.length);
    await handle.read(piece, 0, end - start, start);
    const found = piece.subarray(0, end - start).lastIndexOf(NEWLINE);
    if (found >= 0) {
      return start + found + 1;
    }
    end = start;
  }
  return 0;
}

function failAbout(path: string): (error: unknown) => never {
  return (error) => {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new SpeechError(
      'FILE_WRITE_FAILED',
      `${path} cannot be written: ${code}.`,
      { path, reason: code },
      { cause: error },
    );
  };
}
