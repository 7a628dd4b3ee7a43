import { Command, Option } from 'commander';
import { decodeLnt, decodeLntFrom, type FindCodec } from '../../codecs/lnt/decode-lnt.js';
import { LntSeeker } from '../../codecs/lnt/lnt-seeker.js';
import { AUDIO_FORMATS, findFormat, formatOfPath, SPEECH_SAMPLE_RATE } from '../audio/formats.js';
import { openAudio } from '../audio/read-audio.js';
import { writeAudioFile, writeAudioStream } from '../audio/write-audio.js';
import { encodeFile, withLntSource } from '../files/codec-files.js';
import { OutputFile } from '../files/output-file.js';
import { addEngineOptions, parseInteger, type EngineArguments } from './arguments.js';
import { withInterrupt } from './interruption.js';
import type { CommandEngine, LoadEngine } from './load-engine.js';
import {
  readStandardInput,
  refuseTerminal,
  STANDARD_STREAM,
  withStandardInputFile,
} from './standard-streams.js';

type EncodeArguments = EngineArguments & {
  output?: string;
  codebooks?: number;
  codec: 'rvq' | 'single';
};

type DecodeArguments = EngineArguments & {
  output?: string;
  format?: string;
  force?: true;
  strict?: true;
};

const MAX_CODEBOOKS = 255;

/**
 * Makes `linnet encode`.
 *
 * @param loadEngine - Loads what lends the codecs.
 * @returns The command.
 */
export function encodeCommand(loadEngine: LoadEngine): Command {
  const command = new Command('encode')
    .argument('<file>', 'the audio: WAV, or anything ffmpeg reads; - for standard input')
    .option(
      '-o, --output <file>',
      'the token file, - for standard output; else the input with .lnt',
    )
    .option('--codebooks <n>', 'levels to keep, all without it', parseInteger(1, MAX_CODEBOOKS))
    .addOption(
      new Option('--codec <name>', 'eight residual levels, or one stream of phonetic tokens')
        .choices(['rvq', 'single'])
        .default('rvq'),
    );
  return addEngineOptions(command).action(async (input: string, options: EncodeArguments) => {
    await withInterrupt((signal) => encode(loadEngine, input, options, signal));
  });
}

/**
 * Makes `linnet decode`.
 *
 * @param loadEngine - Loads what lends the codecs.
 * @returns The command.
 */
export function decodeCommand(loadEngine: LoadEngine): Command {
  const command = new Command('decode')
    .argument('<file>', 'the token file, - for standard input')
    .option(
      '-o, --output <file>',
      'the audio file, - for standard output; else the input with .wav',
    )
    .option(
      '--format <name>',
      'wav, pcm, mulaw, alaw, mp3, opus, aac, m4a or flac; else by extension',
    )
    .option('--strict', 'fail on a damaged file, instead of giving silence for what is lost')
    .option('--force', 'decode also the tokens of other weights, perhaps to noise');
  return addEngineOptions(command).action(async (input: string, options: DecodeArguments) => {
    await withInterrupt((signal) => decode(loadEngine, input, options, signal));
  });
}

async function encode(
  loadEngine: LoadEngine,
  input: string,
  options: EncodeArguments,
  signal: AbortSignal,
): Promise<void> {
  const output = chooseOutput(input, options.output, 'lnt');
  const encodeFrom = (path: string) => encodeAudio(loadEngine, path, output, options, signal);
  await (input === STANDARD_STREAM ? withStandardInputFile(signal, encodeFrom) : encodeFrom(input));
}

async function encodeAudio(
  loadEngine: LoadEngine,
  path: string,
  output: string,
  options: EncodeArguments,
  signal: AbortSignal,
): Promise<void> {
  const onWarning = (warning: string) => process.stderr.write(`warning: ${warning}\n`);
  const samples = openAudio(path, { signal, onWarning });
  try {
    // what is wrong with the file is told before the models are loaded
    const first = await samples.next();
    const engine = await loadEngine({ ...options, warmUp: false, signal });
    try {
      const codec = await engine.loadCodec(options.codec);
      const { codebooks } = options;
      const settings = codebooks === undefined ? {} : { numCodebooks: codebooks };
      const target = output === STANDARD_STREAM ? OutputFile.standardOutput() : output;
      const pieces = withFirst(first, samples);
      const encoded = await encodeFile(codec, pieces, target, { ...settings, signal });
      const { numBytes, durationSeconds, bitrateKbps } = encoded;
      process.stderr.write(
        `${nameOf(output)}: ${durationSeconds.toFixed(2)} s in ${numBytes} bytes, ${bitrateKbps.toFixed(2)} kbps\n`,
      );
    } finally {
      await engine.close();
    }
  } finally {
    await samples.return();
  }
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

async function decode(
  loadEngine: LoadEngine,
  input: string,
  options: DecodeArguments,
  signal: AbortSignal,
): Promise<void> {
  const output = chooseOutput(input, options.output, 'wav');
  const format =
    options.format === undefined
      ? (formatOfPath(output) ?? AUDIO_FORMATS.wav)
      : findFormat(options.format);
  const onWarning = (warning: string) => process.stderr.write(`warning: ${warning}\n`);
  const { force = false, strict = false } = options;
  const settings = { force, strict, onWarning };
  let engine: CommandEngine | undefined;
  // what is wrong with the file is told before the models are loaded
  const findCodec: FindCodec = async ({ codec }) => {
    engine = await loadEngine({ ...options, warmUp: false, signal });
    return engine.loadCodec(codec);
  };
  const write = async (samples: AsyncIterable<Float32Array>) => {
    const { numSamples } = await (output === STANDARD_STREAM
      ? writeAudioStream(samples, process.stdout, format, { signal })
      : writeAudioFile(samples, output, format, { signal }));
    const seconds = (numSamples / SPEECH_SAMPLE_RATE).toFixed(2);
    process.stderr.write(`${nameOf(output)}: ${seconds} s of audio\n`);
  };
  try {
    await (input === STANDARD_STREAM
      ? write(decodeLnt(findCodec, readStandardInput(signal), settings))
      : withLntSource(input, async (source) =>
          write(decodeLntFrom(findCodec, await LntSeeker.open(source), settings)),
        ));
  } finally {
    await engine?.close();
  }
}

/** What comes from standard input goes to standard output, unless it is told otherwise. */
function chooseOutput(input: string, output: string | undefined, extension: string): string {
  const chosen =
    output ?? (input === STANDARD_STREAM ? STANDARD_STREAM : replaceExtension(input, extension));
  if (chosen === STANDARD_STREAM) {
    refuseTerminal(extension === 'lnt' ? 'Tokens' : 'Samples');
  }
  return chosen;
}

function nameOf(output: string): string {
  return output === STANDARD_STREAM ? 'stdout' : output;
}

function replaceExtension(path: string, extension: string): string {
  return `${path.replace(/\.[^./\\]+$/, '')}.${extension}`;
}
