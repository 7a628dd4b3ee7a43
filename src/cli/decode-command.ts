import { Command } from 'commander';
import type { Codec, CodecKind } from '../../codecs/contract.js';
import {
  decodeLnt,
  decodeLntFrom,
  type FindCodec,
  type LntDecodeOptions,
} from '../../codecs/lnt/decode-lnt.js';
import { LntSeeker } from '../../codecs/lnt/lnt-seeker.js';
import {
  AUDIO_FORMATS,
  findFormat,
  formatOfPath,
  SPEECH_SAMPLE_RATE,
  type AudioFormat,
} from '../audio/formats.js';
import { writeAudioFile, writeAudioStream } from '../audio/write-audio.js';
import { decodeLane } from '../batch/decode-lane.js';
import type { Task } from '../batch/plan.js';
import { findCodeTables } from '../files/code-tables.js';
import { withLntSource } from '../files/codec-files.js';
import { OutputFile } from '../files/output-file.js';
import { addEngineOptions, parseNumber, type EngineArguments } from './arguments.js';
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
import { readStandardInput, STANDARD_STREAM } from './standard-streams.js';

type DecodeArguments = EngineArguments &
  BatchArguments & {
    format?: string;
    start?: number;
    duration?: number;
    force?: true;
    strict?: true;
  };

/** A hundred years, in seconds: what is longer is a mistake. */
const MAX_SECONDS = 3.2e9;

/**
 * Makes `linnet decode`.
 *
 * @param loadEngine - Loads what lends the codecs.
 * @returns The command.
 */
export function decodeCommand(loadEngine: LoadEngine): Command {
  const command = new Command('decode').argument(
    '[input...]',
    'token files, folders, patterns; - for standard input',
  );
  addBatchOptions(command, 'audio files')
    .option(
      '--format <name>',
      'wav, pcm, mulaw, alaw, mp3, opus, aac, m4a or flac; else by extension, or wav',
    )
    .option('--start <seconds>', 'first second wanted', parseNumber({ min: 0, max: MAX_SECONDS }))
    .option(
      '--duration <seconds>',
      'how many seconds are wanted',
      parseNumber({ min: 0.001, max: MAX_SECONDS }),
    )
    .option('--strict', 'fail on a damaged file, instead of giving silence for what is lost')
    .option('--force', 'decode also the tokens of other weights, perhaps to noise');
  return addEngineOptions(command).action(async (inputs: string[], options: DecodeArguments) => {
    await withInterrupt((signal) => decode(loadEngine, inputs, options, signal));
  });
}

async function decode(
  loadEngine: LoadEngine,
  inputs: readonly string[],
  options: DecodeArguments,
  signal: AbortSignal,
): Promise<void> {
  if (inputs.length === 1 && inputs[0] === STANDARD_STREAM) {
    checkPiped(options, 'Samples');
    const output = options.output ?? STANDARD_STREAM;
    await decodeOne(loadEngine, { input: STANDARD_STREAM, output }, options, signal);
    return;
  }
  const named = options.format === undefined ? undefined : findFormat(options.format);
  const result = named?.extension ?? 'wav';
  const kind = { name: 'token', extensions: ['.lnt'], result };
  const plan = await planBatch(inputs, options, kind, signal);
  const [task] = plan.tasks;
  if (task?.output === STANDARD_STREAM) {
    checkPiped(options, 'Samples');
  }
  if (wantsOne(plan, options)) {
    await decodeOne(loadEngine, task!, options, signal, plan.existing === 'refuse');
    return;
  }
  const { start, duration, force = false, strict = false } = options;
  const format =
    named ?? (plan.isSingle ? formatOfPath(task!.output) : undefined) ?? AUDIO_FORMATS.wav;
  const settings = { format, existing: plan.existing, signal, start, duration, force, strict };
  await runBatch(
    plan,
    options,
    loadEngine,
    (engine) => {
      const codecs = new Map<CodecKind, Promise<Codec>>();
      const find = (name: CodecKind) => {
        const codec = codecs.get(name) ?? engine.loadCodec(name);
        codecs.set(name, codec);
        return codec;
      };
      return Promise.resolve(decodeLane(find, settings));
    },
    signal,
  );
}

/** One file or stream, whose failure is that of the command. */
async function decodeOne(
  loadEngine: LoadEngine,
  { input, output }: Task,
  options: DecodeArguments,
  signal: AbortSignal,
  isNew = false,
): Promise<void> {
  const format =
    options.format === undefined
      ? (formatOfPath(output) ?? AUDIO_FORMATS.wav)
      : findFormat(options.format);
  let engine: CommandEngine | undefined;
  // what is wrong with the file is told before the models are loaded
  const findCodec: FindCodec = async ({ codec }) => {
    engine = await loadEngine({ ...options, warmUp: false, signal });
    return engine.loadCodec(codec);
  };
  const write = (samples: AsyncIterable<Float32Array>) =>
    writeTo(output, samples, format, isNew, signal);
  try {
    await (input === STANDARD_STREAM
      ? write(decodeLnt(findCodec, readStandardInput(signal), toDecodeOptions(options)))
      : withLntSource(input, async (source) =>
          write(
            decodeLntFrom(
              findCodec,
              await LntSeeker.open(source, findCodeTables),
              toDecodeOptions(options),
            ),
          ),
        ));
  } finally {
    await engine?.close();
  }
}

async function writeTo(
  output: string,
  samples: AsyncIterable<Float32Array>,
  format: AudioFormat,
  isNew: boolean,
  signal: AbortSignal,
): Promise<void> {
  const isStandard = output === STANDARD_STREAM;
  const { numSamples } = await (isStandard
    ? writeAudioStream(samples, process.stdout, format, { signal })
    : writeAudioFile(samples, await OutputFile.create(output, { isNew }), format, { signal }));
  const seconds = (numSamples / SPEECH_SAMPLE_RATE).toFixed(2);
  process.stderr.write(`${isStandard ? 'stdout' : output}: ${seconds} s of audio\n`);
}

function toDecodeOptions(options: DecodeArguments): LntDecodeOptions {
  const { start = 0, duration = Infinity, force = false, strict = false } = options;
  return {
    startSample: Math.round(start * SPEECH_SAMPLE_RATE),
    numSamples: Math.round(duration * SPEECH_SAMPLE_RATE),
    force,
    strict,
    findTables: findCodeTables,
    onWarning: (warning) => process.stderr.write(`warning: ${warning}\n`),
  };
}
