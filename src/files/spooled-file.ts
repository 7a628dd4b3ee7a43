import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SpeechError } from '../../base/errors.js';
import { OutputFile } from './output-file.js';

/**
 * Keeps a stream in a temporary file while a task needs it, for readers that must seek.
 *
 * @param bytes - The stream.
 * @param name - What to call it in errors.
 * @param task - Gets the file's path.
 * @returns What the task returns.
 * @throws {SpeechError} What the stream and the task throw, with the name for the path; `FILE_WRITE_FAILED`.
 */
export async function withSpooledFile<T>(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
  task: (path: string) => Promise<T>,
): Promise<T> {
  const path = join(tmpdir(), `linnet-${randomBytes(8).toString('hex')}`);
  const file = await OutputFile.create(path);
  const written = file.temporaryPath ?? path;
  try {
    for await (const part of bytes) {
      await file.append(part);
    }
    return await task(written);
  } catch (error) {
    if (error instanceof SpeechError && error.message.includes(written)) {
      const message = error.message.replaceAll(written, name);
      throw new SpeechError(error.code, message, {}, { cause: error });
    }
    throw error;
  } finally {
    await file.discard();
  }
}
