import { stat } from 'node:fs/promises';
import { Command } from 'commander';
import { SpeechError } from '../../base/errors.js';
import { SPEECH_SAMPLE_RATE } from '../audio/formats.js';
import {
  compareAudio,
  findOffset,
  type Comparison,
  type OffsetAndLengths,
} from '../comparison/compare.js';
import { writeWholeFile } from '../files/output-file.js';
import { Picture } from '../pictures/pictures.js';
import { addEngineOptions, type EngineArguments } from './arguments.js';
import { comparisonToJson, describeComparison, type ComparedFiles } from './comparison-report.js';
import { withInterrupt } from './interruption.js';
import type { LoadEngine } from './load-engine.js';
import {
  addPictureOptions,
  cutAsAsked,
  openPictureFile,
  toPictureOptions,
  type PictureArguments,
} from './picture-options.js';
import { SoundReader } from './sound-reader.js';
import { printWarning, STANDARD_STREAM, withStandardInputFile } from './standard-streams.js';

type CompareArguments = EngineArguments &
  PictureArguments & { output?: string; align?: true; json?: true };

const HEIGHT = 900;

/**
 * Makes `linnet compare`.
 *
 * @param loadEngine - Loads what lends the codecs; called only for token files.
 * @returns The command.
 */
export function compareCommand(loadEngine: LoadEngine): Command {
  const command = new Command('compare')
    .argument('<original>', 'audio of any kind, or tokens (.lnt); - for standard input')
    .argument('<decoded>', 'what was made of it, likewise')
    .option(
      '-o, --output <file>',
      'also draw both and their difference (PNG), - for standard output',
    )
    .option('--align', 'take out the offset that is found')
    .option('--json', 'print the numbers as JSON on standard output');
  return addEngineOptions(addPictureOptions(command, HEIGHT)).action(
    async (original: string, decoded: string, options: CompareArguments) => {
      await withInterrupt((signal) =>
        compareFiles(loadEngine, { original, decoded }, options, signal),
      );
    },
  );
}

async function compareFiles(
  loadEngine: LoadEngine,
  files: ComparedFiles,
  options: CompareArguments,
  signal: AbortSignal,
): Promise<void> {
  const { output, json } = options;
  await checkArguments(files, options);
  const paths = [files.original, files.decoded];
  const file = output === undefined ? undefined : await openPictureFile(output, paths);
  const reader = new SoundReader(loadEngine, options, signal);
  try {
    const compareWith = (path: string) => {
      const [original, decoded] = paths.map((name) => (name === STANDARD_STREAM ? path : name));
      return compare(reader, { original: original!, decoded: decoded! }, options);
    };
    const comparison = await (paths.includes(STANDARD_STREAM)
      ? withStandardInputFile(signal, compareWith)
      : compareWith(''));
    if (file !== undefined) {
      await writeWholeFile(file, comparison.png!);
    }
    const isAligned = options.align === true;
    if (json === true) {
      const report = comparisonToJson(files, comparison, SPEECH_SAMPLE_RATE, isAligned);
      process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    } else {
      process.stderr.write(describeComparison(files, comparison, SPEECH_SAMPLE_RATE, isAligned));
    }
  } finally {
    await file?.discard();
    await reader.close();
  }
}

async function checkArguments(
  { original, decoded }: ComparedFiles,
  { output, json, align }: CompareArguments,
): Promise<void> {
  if (original === STANDARD_STREAM && decoded === STANDARD_STREAM) {
    throw new SpeechError('OPTION_INVALID', 'Only one of the two files can be standard input.');
  }
  if (output === STANDARD_STREAM && json === true) {
    throw new SpeechError(
      'OPTION_INVALID',
      '--output - and --json both write to standard output; name a file for the picture.',
    );
  }
  for (const path of align === true ? [original, decoded] : []) {
    const stats = path === STANDARD_STREAM ? undefined : await stat(path).catch(() => undefined);
    if (stats !== undefined && !stats.isFile() && !stats.isDirectory()) {
      throw new SpeechError(
        'OPTION_INVALID',
        `--align reads both files twice, and ${path} can be read only once; store it as a file.`,
        { path },
      );
    }
  }
}

async function compare(
  reader: SoundReader,
  files: ComparedFiles,
  options: CompareArguments,
): Promise<Comparison> {
  const read = (path: string, skipped: number, onWarning: (warning: string) => void) =>
    cutAsAsked(reader.open(path, onWarning), options, skipped);
  let found: OffsetAndLengths | undefined;
  if (options.align === true) {
    found = await findOffset(
      read(files.original, 0, () => undefined),
      read(files.decoded, 0, () => undefined),
      SPEECH_SAMPLE_RATE,
    );
  }
  const late = found?.offset?.numSamples ?? 0;
  const pictureOptions = toPictureOptions(options);
  const comparison = await compareAudio(
    read(files.original, Math.max(0, -late), printWarning),
    read(files.decoded, Math.max(0, late), printWarning),
    SPEECH_SAMPLE_RATE,
    options.output === undefined ? undefined : new Picture(pictureOptions, 3),
  );
  // the lengths and the offset are those of the files as they are
  return { ...comparison, ...found };
}
