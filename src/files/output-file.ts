import { constants, rmSync } from 'node:fs';
import { link, open, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { SpeechError, toSpeechError } from '../../base/errors.js';
import { temporaryPathOf } from './temporary-files.js';

const temporaryFiles = new Set<string>();

/**
 * Removes the files that are being written, at once; for a process that cannot wait for
 * {@link OutputFile.discard}. Never fails.
 */
export function removeTemporaryFiles(): void {
  for (const path of temporaryFiles) {
    try {
      rmSync(path, { force: true });
    } catch {
      // its folder became read-only or went away; there is nobody left to tell
    }
  }
}

/**
 * A file that appears only when it is complete.
 *
 * It is written under a temporary name beside its place and renamed by {@link OutputFile.commit};
 * {@link OutputFile.discard} removes it. Devices, pipes and standard output are written directly.
 */
export class OutputFile {
  #numBytes = 0;
  #isOpen = true;

  private constructor(
    private readonly handle: FileHandle | undefined,
    private readonly target: string,
    private readonly temporary: string | undefined,
    private readonly isNew: boolean,
  ) {}

  /**
   * Opens a file for writing.
   *
   * @param path - Where the file shall be; a link is followed, an existing file is replaced on
   * commit.
   * @param options - `isNew`: an existing file is not replaced; the commit fails if another has made it meanwhile.
   * @returns The open file.
   * @throws {SpeechError} `FILE_WRITE_FAILED` if it is a directory, its directory does not exist,
   * writing is not allowed there, or it exists and must not.
   */
  static async create(path: string, options: { isNew?: boolean } = {}): Promise<OutputFile> {
    const { isNew = false } = options;
    try {
      const existing = await stat(path).catch(() => undefined);
      if (existing?.isDirectory() === true) {
        throw new SpeechError('FILE_WRITE_FAILED', `${path} is a directory.`, { path });
      }
      if (existing !== undefined && !existing.isFile()) {
        return new OutputFile(await open(path, constants.O_WRONLY), path, undefined, false);
      }
      if (existing !== undefined && isNew) {
        throw existsAlready(path);
      }
      const target = existing === undefined ? path : await realpath(path);
      const temporary = temporaryPathOf(target);
      temporaryFiles.add(temporary);
      return new OutputFile(await open(temporary, 'wx', 0o666), target, temporary, isNew);
    } catch (error) {
      throw asWriteFailure(error, path);
    }
  }

  /** @returns Standard output as such a file; it is left open. */
  static standardOutput(): OutputFile {
    return new OutputFile(undefined, 'standard output', undefined, false);
  }

  /** Bytes appended so far. */
  get numBytes(): number {
    return this.#numBytes;
  }

  /**
   * The file's name until it is committed, for a program that writes it itself; `undefined` for
   * devices and pipes.
   */
  get temporaryPath(): string | undefined {
    return this.temporary;
  }

  /** Whether bytes that were written can still be changed: false for devices and pipes. */
  get isSeekable(): boolean {
    return this.temporary !== undefined;
  }

  /** Length in bytes now, whoever wrote them: a program may have, under its temporary name. */
  async size(): Promise<number> {
    return this.isSeekable ? (await this.handle!.stat()).size : this.numBytes;
  }

  /**
   * Appends bytes.
   *
   * @param bytes - All of them are written.
   * @throws {SpeechError} `FILE_WRITE_FAILED`, for instance when the disk is full. If the reader of
   * standard output leaves (EPIPE), the stream's own error comes through, for the caller to tell apart.
   */
  async append(bytes: Uint8Array): Promise<void> {
    if (this.handle === undefined) {
      await writeToStandardOutput(bytes);
      this.#numBytes += bytes.length;
      return;
    }
    try {
      for (let written = 0; written < bytes.length;) {
        const { bytesWritten } = await this.handle.write(bytes, written);
        written += bytesWritten;
      }
      this.#numBytes += bytes.length;
    } catch (error) {
      throw asWriteFailure(error, this.target);
    }
  }

  /**
   * Writes over bytes that were appended before; needs {@link OutputFile.isSeekable}.
   *
   * @param bytes - The new bytes.
   * @param offset - Where the first of them goes.
   * @throws {SpeechError} `FILE_WRITE_FAILED`.
   */
  async patch(bytes: Uint8Array, offset: number): Promise<void> {
    try {
      await this.handle!.write(bytes, 0, bytes.length, offset);
    } catch (error) {
      throw asWriteFailure(error, this.target);
    }
  }

  /**
   * Puts the finished file into its place.
   *
   * @throws {SpeechError} `FILE_WRITE_FAILED`; nothing is left behind then.
   */
  async commit(): Promise<void> {
    try {
      await this.#close();
      if (this.temporary !== undefined) {
        await this.#place(this.temporary);
        temporaryFiles.delete(this.temporary);
      }
    } catch (error) {
      await this.discard();
      throw asWriteFailure(error, this.target);
    }
  }

  async #place(temporary: string): Promise<void> {
    if (!this.isNew) {
      await rename(temporary, this.target);
      return;
    }
    try {
      // unlike a renaming, a second name takes nothing away from whoever was quicker
      await link(temporary, this.target);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
        throw existsAlready(this.target);
      }
      // a file system without second names
      await rename(temporary, this.target);
      return;
    }
    await rm(temporary);
  }

  /** Throws away what was written. Never fails; does nothing after a commit. */
  async discard(): Promise<void> {
    await this.#close().catch(() => undefined);
    if (this.temporary !== undefined) {
      await rm(this.temporary, { force: true }).catch(() => undefined);
      temporaryFiles.delete(this.temporary);
    }
  }

  async #close(): Promise<void> {
    if (this.#isOpen) {
      this.#isOpen = false;
      await this.handle?.close();
    }
  }
}

/**
 * Writes bytes that are known in full as one file.
 *
 * @param target - Where the file shall be, or the file; it appears when it is complete.
 * @param bytes - What it shall hold.
 * @throws {SpeechError} `FILE_WRITE_FAILED`; nothing is left behind then.
 */
export async function writeWholeFile(
  target: string | OutputFile,
  bytes: Uint8Array,
): Promise<void> {
  const file = typeof target === 'string' ? await OutputFile.create(target) : target;
  try {
    await file.append(bytes);
    await file.commit();
  } catch (error) {
    await file.discard();
    throw error;
  }
}

function writeToStandardOutput(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => {
      if (error) {
        reject(error);
      } else {
        resolve();
      }
    });
  });
}

function existsAlready(path: string): SpeechError {
  return new SpeechError('FILE_WRITE_FAILED', `${path} exists already.`, {
    path,
    reason: 'EEXIST',
  });
}

function asWriteFailure(error: unknown, path: string): SpeechError {
  if (error instanceof SpeechError) {
    return error;
  }
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) {
    return toSpeechError(error);
  }
  const reason =
    code === 'ENOENT'
      ? 'its directory does not exist'
      : code === 'ENOSPC'
        ? 'the disk is full'
        : code;
  return new SpeechError(
    'FILE_WRITE_FAILED',
    `${path} cannot be written: ${reason}.`,
    { path, reason: code },
    {
      cause: error,
    },
  );
}
