import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { toS16Bytes } from '../../src/audio/pcm.js';
import { makeWavHeader } from '../../src/audio/wav-header.js';

const execute = promisify(execFile);
const MAX_OUTPUT_BYTES = 2 ** 26;
const TIMEOUT_MS = 600_000;

/** A program that is not installed, or does not work, and how to get it. */
export class ToolMissing extends Error {
  override readonly name = 'ToolMissing';
}

/**
 * Runs a program to its end.
 *
 * @param program - Name or path.
 * @param args - Its arguments.
 * @param hint - How to install it, for the message if it is missing.
 * @returns What it wrote to standard output.
 * @throws {ToolMissing} If there is no such program. Any other failure is thrown as it comes.
 */
export async function runTool(
  program: string,
  args: readonly string[],
  hint: string,
): Promise<string> {
  try {
    const { stdout } = await execute(program, args, {
      maxBuffer: MAX_OUTPUT_BYTES,
      timeout: TIMEOUT_MS,
    });
    return stdout;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new ToolMissing(`${program} is not installed (${hint})`, { cause: error });
    }
    throw error;
  }
}

/** Writes mono samples as a 16-bit WAV file. */
export async function writeWav(
  path: string,
  samples: Float32Array,
  sampleRate: number,
): Promise<void> {
  const bytes = toS16Bytes(samples);
  await writeFile(path, Buffer.concat([makeWavHeader(bytes.length, sampleRate), bytes]));
}

/**
 * Runs tasks side by side.
 *
 * @param items - What there is to do.
 * @param limit - Tasks that run at the same time.
 * @param task - Does one item.
 * @returns The results, in the order of the items.
 */
export async function mapLimited<T, R>(
  items: readonly T[],
  limit: number,
  task: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const work = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await task(items[index]!, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
  return results;
}
