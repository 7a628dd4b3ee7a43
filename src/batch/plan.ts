import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { SpeechError } from '../../base/errors.js';
import type { FoundInput } from './find-inputs.js';

/** One file to make of another. */
export type Task = {
  input: string;
  output: string;
};

/** A part of all files: that of machine `index` of `count`. */
export type Shard = {
  /** From 1 to `count`. */
  index: number;
  count: number;
};

/** Settings of {@link planTasks}. */
export type PlanOptions = {
  /** Folder of the results, which need not exist; that of each input without it. */
  folder?: string | undefined;
  /** Extension of the results, which is put behind the whole name of the input. */
  extension: string;
  /** Which files to take; all without it. */
  shard?: Shard | undefined;
};

/**
 * Decides what becomes of each file. Which shard a file belongs to depends on nothing but its name, so that machines
 * agree about it, also when files are added.
 *
 * @param inputs - The files.
 * @param options - See {@link PlanOptions}.
 * @returns A task for each file of the shard, in order.
 * @throws {SpeechError} `OPTION_INVALID` if two files would be written to the same place.
 */
export function planTasks(inputs: readonly FoundInput[], options: PlanOptions): Task[] {
  const { folder, extension, shard } = options;
  const byOutput = new Map<string, string>();
  const tasks: Task[] = [];
  for (const { path, name } of inputs) {
    const output = `${folder === undefined ? path : join(folder, name)}.${extension}`;
    const other = byOutput.get(output);
    if (other === path) {
      // named twice
      continue;
    }
    if (other !== undefined) {
      throw new SpeechError(
        'OPTION_INVALID',
        `${other} and ${path} would both become ${output}; give the folder that holds both, or two folders of results.`,
        { output },
      );
    }
    byOutput.set(output, path);
    if (shard === undefined || shardOf(name, shard.count) === shard.index) {
      tasks.push({ input: path, output });
    }
  }
  return tasks;
}

/** @param tasks - What is planned. @returns The folders of all results. */
export function foldersOf(tasks: readonly Task[]): string[] {
  return [...new Set(tasks.map(({ output }) => dirname(output)))];
}

function shardOf(name: string, count: number): number {
  // not a checksum: names that differ in a digit alone would all be of one shard, if there are 2, 4, 8...
  const hash = createHash('sha256').update(name.replaceAll('\\', '/')).digest();
  return 1 + (hash.readUInt32LE() % count);
}
