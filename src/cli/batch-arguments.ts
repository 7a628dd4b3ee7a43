import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { SpeechError } from '../../base/errors.js';
import type { ExistingPolicy } from '../batch/existing.js';
import { findInputs } from '../batch/find-inputs.js';
import { planTasks, type Shard, type Task } from '../batch/plan.js';
import { parseInteger, type EngineArguments } from './arguments.js';
import { readStandardInput, refuseTerminal, STANDARD_STREAM } from './standard-streams.js';

/** What {@link addBatchOptions} adds. */
export type BatchArguments = {
  output?: string;
  filesFrom?: string;
  null?: true;
  manifest?: string;
  jobs?: number;
  shard?: Shard;
  overwrite?: true;
  resume?: true;
  dryRun?: true;
  json?: true;
};

/** What shall be done. */
export type BatchPlan = {
  tasks: Task[];
  /** The one file whose result was named or is beside it: it is told of as such. */
  isSingle: boolean;
  existing: ExistingPolicy;
};

const MAX_JOBS = 64;

/**
 * Adds the options of commands that make many files of many.
 *
 * @param command - The command, which is returned.
 * @param results - What they make, such as "token files".
 */
export function addBatchOptions(command: Command, results: string): Command {
  return command
    .option(
      '-o, --output <path>',
      `folder of the ${results}; for one input the file itself, - for standard output; else beside each input`,
    )
    .option('--files-from <file>', 'also take the files that it lists, - for standard input')
    .option('-0, --null', 'the names in that list end with a zero byte, as of find -print0')
    .option('--manifest <file>', 'append a line of JSON for each file: what became of it, and why')
    .option(
      '--jobs <n>',
      'files at the same time, each on a network of its own; else one a processor, on a GPU one',
      parseInteger(1, MAX_JOBS),
    )
    .option(
      '--shard <i/n>',
      'take only the i-th of n parts of the files, by their names',
      parseShard,
    )
    .addOption(new Option('--overwrite', `replace ${results} that exist`).conflicts('resume'))
    .option('--resume', `keep ${results} that are there and whole, make the others`)
    .option('--dry-run', 'only list what would be done')
    .option('--json', 'print a line of JSON for each file');
}

/**
 * Decides what a command shall do.
 *
 * @param inputs - Its arguments.
 * @param options - Its options.
 * @param kind - The files it reads, and the extension of those it makes.
 * @param signal - Ends the reading of standard input.
 * @throws {SpeechError} `OPTION_INVALID` for options that contradict each other, or two files that would become one;
 * `FILE_NOT_FOUND`.
 */
export async function planBatch(
  inputs: readonly string[],
  options: BatchArguments,
  kind: { name: string; extensions: readonly string[]; result: string },
  signal: AbortSignal,
): Promise<BatchPlan> {
  const { output, filesFrom, shard } = options;
  const list = filesFrom === STANDARD_STREAM ? readStandardInput(signal) : filesFrom;
  const existing =
    options.overwrite === true ? 'overwrite' : options.resume === true ? 'resume' : 'refuse';
  const isOne = inputs.length === 1 && list === undefined && !(await isFolder(inputs[0]!));
  const found = await findInputs(inputs, {
    extensions: kind.extensions,
    kind: kind.name,
    hasZeros: options.null === true,
    ...(list === undefined ? {} : { list }),
  });
  const input = found[0]!.path;
  if (isOne && input === inputs[0] && !(await isFolderName(output))) {
    const task = { input, output: output ?? `${input}.${kind.result}` };
    // who names a file means it
    const policy = output === undefined || options.resume === true ? existing : 'overwrite';
    return { tasks: [task], isSingle: true, existing: policy };
  }
  if (output === STANDARD_STREAM || inputs.includes(STANDARD_STREAM)) {
    throw new SpeechError(
      'OPTION_INVALID',
      '- stands for standard input or output, which take one file; give a folder with -o, and lists with --files-from.',
    );
  }
  const tasks = planTasks(found, { folder: output, extension: kind.result, shard });
  return { tasks, isSingle: false, existing };
}

/**
 * Checks a call that reads standard input or writes to standard output.
 *
 * @param options - Its options.
 * @param what - What would be printed.
 * @throws {SpeechError} `OPTION_INVALID` if it prints to a terminal, or other options want files.
 */
export function checkPiped(options: BatchArguments, what: string): void {
  const other = (['manifest', 'shard', 'resume', 'dryRun', 'json', 'filesFrom'] as const).find(
    (name) => options[name] !== undefined,
  );
  if (other !== undefined) {
    throw new SpeechError(
      'OPTION_INVALID',
      `--${other.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} is for files; standard input and output are none.`,
    );
  }
  if ((options.output ?? STANDARD_STREAM) === STANDARD_STREAM) {
    refuseTerminal(what);
  }
}

/**
 * Whether a plan is one file, and nothing but its result is asked for.
 *
 * @param plan - The plan.
 * @param options - The command's options.
 */
export function wantsOne({ isSingle }: BatchPlan, options: BatchArguments): boolean {
  const { manifest, resume, dryRun, json } = options;
  return isSingle && [manifest, resume, dryRun, json].every((option) => option === undefined);
}

/**
 * Divides the machine among files.
 *
 * @param options - The command's options.
 * @param numTasks - Files to work on.
 * @returns How many networks to load, and the options of each: on the CPU each has its share of the processors.
 */
export function divide<T extends BatchArguments & EngineArguments>(
  options: T,
  numTasks: number,
): { numLanes: number; engine: T } {
  const processors = availableParallelism();
  const numLanes = Math.max(1, Math.min(options.jobs ?? processors, numTasks, MAX_JOBS));
  const threads = options.threads ?? Math.max(1, Math.floor(processors / numLanes));
  return { numLanes, engine: { ...options, threads } };
}

async function isFolderName(path: string | undefined): Promise<boolean> {
  return path !== undefined && (/[/\\]$/.test(path) || (await isFolder(path)));
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

function parseShard(value: string): Shard {
  const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(value) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (!(shard.index >= 1 && shard.index <= shard.count)) {
    throw new InvalidArgumentError('It must be I/N with I from 1 to N, such as 2/8.');
  }
  return shard;
}
