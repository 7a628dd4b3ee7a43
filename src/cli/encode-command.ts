import { Command, InvalidArgumentError, Option } from 'commander';
import { readNumCodebooks } from '../../codecs/checks.js';
import type { CodeTables } from '../../codecs/lnt/code-tables.js';
import type { LntTags } from '../../codecs/lnt/lnt-header.js';
import { openAudio } from '../audio/read-audio.js';
import { encodeLane } from '../batch/encode-lane.js';
import type { Task } from '../batch/plan.js';
import { codeTablesOf } from '../files/code-tables.js';
import { encodeFile } from '../files/codec-files.js';
import { OutputFile } from '../files/output-file.js';
import { addEngineOptions, parseInteger, type EngineArguments } from './arguments.js';
import {
  addBatchOptions,
  checkPiped,
  planBatch,
  wantsOne,
  type BatchArguments,
} from './batch-arguments.js';
import { withInterrupt } from './interruption.js';
import type { CommandEngine, LoadEngine } from './load-engine.js';
import { runBatch } from './run-batch.js';
import { STANDARD_STREAM, withStandardInputFile } from './standard-streams.js';

type EncodeArguments = EngineArguments &
  BatchArguments & {
    levels?: number;
    codec: 'rvq' | 'single';
    tag?: LntTags;
    entropy?: true;
  };

const MAX_LEVELS = 255;

/** What is taken from folders: containers and formats that ffmpeg reads and that mostly hold audio. */
const EXTENSIONS = (
  'wav wave w64 mp3 mp2 flac ogg oga opus spx m4a m4b mp4 mov aac wma aif aiff aifc au snd caf amr 3gp webm mka mkv ' +
  'ac3 eac3 sph ape wv tta'
)
  .split(' ')
  .map((extension) => `.${extension}`);

/**
 * Makes `linnet encode`.
 *
 * @param loadEngine - Loads what lends the codecs.
 * @returns The command.
 */
export function encodeCommand(loadEngine: LoadEngine): Command {
  const command = new Command('encode').argument(
    '[input...]',
    'audio files (WAV, or anything ffmpeg reads), folders, patterns; - for standard input',
  );
  addBatchOptions(command, 'token files')
    .addOption(
      new Option('--codec <name>', 'eight residual levels, or one stream of phonetic tokens')
        .choices(['rvq', 'single'])
        .default('rvq'),
    )
    .option(
      '--codebooks, --levels <n>',
      'levels to keep, all without it',
      parseInteger(1, MAX_LEVELS),
    )
    .option(
      '--tag <name=value>',
      'say something about the recordings in every file; may be repeated',
      addTag,
    )
    .option(
      '--entropy',
      'entropy-code the tokens: some 12 % smaller, for readers that have the tables',
    );
  return addEngineOptions(command).action(async (inputs: string[], options: EncodeArguments) => {
    await withInterrupt((signal) => encode(loadEngine, inputs, options, signal));
  });
}

async function encode(
  loadEngine: LoadEngine,
  inputs: readonly string[],
  options: EncodeArguments,
  signal: AbortSignal,
): Promise<void> {
  if (inputs.length === 1 && inputs[0] === STANDARD_STREAM) {
    checkPiped(options, 'Tokens');
    const output = options.output ?? STANDARD_STREAM;
    await withStandardInputFile(signal, (path) =>
      encodeOne(loadEngine, { input: path, output }, options, signal),
    );
    return;
  }
  const kind = { name: 'audio', extensions: EXTENSIONS, result: 'lnt' };
  const plan = await planBatch(inputs, options, kind, signal);
  const [task] = plan.tasks;
  if (task?.output === STANDARD_STREAM) {
    checkPiped(options, 'Tokens');
  }
  if (wantsOne(plan, options)) {
    await encodeOne(loadEngine, plan.tasks[0]!, options, signal, plan.existing === 'refuse');
    return;
  }
  const { levels, tag: tags = {} } = options;
  await runBatch(
    plan,
    options,
    loadEngine,
    async (engine) => {
      const codec = await engine.loadCodec(options.codec);
      const numCodebooks = readNumCodebooks(codec, toEncodeOptions(levels));
      const settings = { numCodebooks, tags, tables: tablesOf(options) };
      return encodeLane(codec, { ...settings, existing: plan.existing, signal });
    },
    signal,
  );
}

/** One file or stream, whose failure is that of the command. */
async function encodeOne(
  loadEngine: LoadEngine,
  { input, output }: Task,
  options: EncodeArguments,
  signal: AbortSignal,
  isNew = false,
): Promise<void> {
  const onWarning = (warning: string) => process.stderr.write(`warning: ${warning}\n`);
  const samples = openAudio(input, { signal, onWarning });
  try {
    // what is wrong with the files is told before the models are loaded
    const first = await samples.next();
    const isStandard = output === STANDARD_STREAM;
    const target = isStandard
      ? OutputFile.standardOutput()
      : await OutputFile.create(output, { isNew });
    let engine: CommandEngine | undefined;
    try {
      engine = await loadEngine({ ...options, warmUp: false, signal });
      const codec = await engine.loadCodec(options.codec);
      const { levels, tag: tags = {} } = options;
      const settings = { ...toEncodeOptions(levels), tags, tables: tablesOf(options), signal };
      const encoded = await encodeFile(codec, withFirst(first, samples), target, settings);
      const { numBytes, durationSeconds, bitrateKbps } = encoded;
      process.stderr.write(
        `${isStandard ? 'stdout' : output}: ${durationSeconds.toFixed(2)} s in ${numBytes} bytes, ${bitrateKbps.toFixed(2)} kbps\n`,
      );
    } finally {
      await target.discard();
      await engine?.close();
    }
  } finally {
    await samples.return();
  }
}

function tablesOf({ entropy, codec }: EncodeArguments): CodeTables | undefined {
  return entropy === true ? codeTablesOf(codec) : undefined;
}

function toEncodeOptions(levels: number | undefined): { numCodebooks?: number } {
  return levels === undefined ? {} : { numCodebooks: levels };
}

async function* withFirst<T>(
  first: IteratorResult<T, void>,
  rest: AsyncGenerator<T, void, undefined>,
): AsyncGenerator<T, void, undefined> {
  if (first.done !== true) {
    yield first.value;
    yield* rest;
  }
}

function addTag(value: string, tags: LntTags = {}): LntTags {
  const [, name, text] = /^([^=]+)=(.*)$/s.exec(value) ?? [];
  if (name === undefined || text === undefined) {
    throw new InvalidArgumentError('It must be NAME=VALUE, such as source=radio.');
  }
  return { ...tags, [name]: toTagValue(text) };
}

/** `synthetic=true` is meant as it is in the format's own examples. */
function toTagValue(text: string): string | boolean {
  return text === 'true' || (text === 'false' ? false : text);
}
