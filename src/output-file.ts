import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SpeechError, toSpeechError } from './errors.js';

/**
 * A file that appears only when it is complete.
 *
 * It is written under a temporary name beside its place and renamed by {@link OutputFile.commit};
 * {@link OutputFile.discard} removes it. Devices and pipes are written directly.
 */
export class OutputFile {
  #numBytes = 0;
  #isOpen = true;

  private constructor(
    readonly handle: FileHandle,
    private readonly target: string,
    private readonly temporary: string | undefined,
  ) {}

  /**
   * Opens a file for writing.
   *
   * @param path - Where the file shall be; a link is followed, an existing file is replaced on
   * commit.
   * @returns The open file.
   * @throws {SpeechError} `FILE_WRITE_FAILED` if it is a directory, its directory does not exist,
   * or writing is not allowed there.
   */
  static async create(path: string): Promise<OutputFile> {
    try {
      const existing = await stat(path).catch(() => undefined);
      if (existing?.isDirectory() === true) {
        throw new SpeechError('FILE_WRITE_FAILED', `${path} is a directory.`, { path });
      }
      if (existing !== undefined && !existing.isFile()) {
        return new OutputFile(await open(path, constants.O_WRONLY), path, undefined);
      }
      const target = existing === undefined ? path : await realpath(path);
      const suffix = randomBytes(4).toString('hex');
      const temporary = join(dirname(target), `.${basename(target)}.${suffix}.part`);
      return new OutputFile(await open(temporary, 'wx', 0o666), target, temporary);
    } catch (error) {
      throw asWriteFailure(error, path);
    }
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

  /**
   * Appends bytes.
   *
   * @param bytes - All of them are written.
   * @throws {SpeechError} `FILE_WRITE_FAILED`, for instance when the disk is full.
   */
  async append(bytes: Uint8Array): Promise<void> {
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
      await this.handle.write(bytes, 0, bytes.length, offset);
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
        await rename(this.temporary, this.target);
      }
    } catch (error) {
      await this.discard();
      throw asWriteFailure(error, this.target);
    }
  }

  /** Throws away what was written. Never fails; does nothing after a commit. */
  async discard(): Promise<void> {
    await this.#close().catch(() => undefined);
    if (this.temporary !== undefined) {
      await rm(this.temporary, { force: true }).catch(() => undefined);
    }
  }

  async #close(): Promise<void> {
    if (this.#isOpen) {
      this.#isOpen = false;
      await this.handle.close();
    }
  }
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
