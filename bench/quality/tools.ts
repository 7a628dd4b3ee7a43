import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { toS16Bytes } from '../../src/audio/pcm.js';
import { makeWavHeader } from '../../src/audio/wav-header.js';

/** A program that is not installed, or does not work, and how to get it. */
export class ToolMissing extends Error {
  override readonly name = 'ToolMissing';
}

/**
 * Runs a program to its end. Whatever it prints goes to standard error, where whoever measures
 * follows what is done.
 *
 * @param program - Name or path.
 * @param args - Its arguments.
 * @param hint - How to install it, for the message if it is missing.
 * @param missingCode - The exit code by which the program says that something else is missing.
 * @throws {ToolMissing} If there is no such program, or it says so; an `Error` if it fails.
 */
export async function runTool(
  program: string,
  args: readonly string[],
  hint: string,
  missingCode?: number,
): Promise<void> {
  const code = await new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', process.stderr, process.stderr] });
    child.on('error', (error: NodeJS.ErrnoException) => {
      const isMissing = error.code === 'ENOENT';
      reject(
        isMissing
          ? new ToolMissing(`${program} is not installed (${hint})`, { cause: error })
          : error,
      );
    });
    child.on('close', (exitCode, signal) => {
      resolve(exitCode ?? signal);
    });
  });
  if (missingCode !== undefined && code === missingCode) {
    throw new ToolMissing(`${program} lacks packages, as it says above (${hint})`);
  }
  if (code !== 0) {
    throw new Error(`${program} ended with ${String(code)}; its reason stands above (${hint})`);
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
