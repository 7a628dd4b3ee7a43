import { Command, Option } from 'commander';
import { AUDIO_FORMATS, findFormat, formatOfPath } from '../audio/formats.js';
import { openAudio } from '../audio/read-audio.js';
import { writeAudioFile } from '../audio/write-audio.js';
import { decodeSamples, encodeFile, readLntFile } from '../codec-files.js';
import { addEngineOptions, parseInteger, type EngineArguments } from './arguments.js';
import type { LoadEngine } from './load-engine.js';
import { withInterrupt } from './run.js';

type EncodeArguments = EngineArguments & {
  output?: string;
  codebooks?: number;
  codec: 'rvq' | 'single';
};

type DecodeArguments = EngineArguments & { output?: string; format?: string };

const MAX_CODEBOOKS = 255;

/**
 * Makes `linnet encode`.
 *
 * @param loadEngine - Loads what lends the codecs.
 * @returns The command.
 */
export function encodeCommand(loadEngine: LoadEngine): Command {
  const command = new Command('encode')
    .description('encode an audio file into codec tokens (.lnt)')
    .argument('<file>', 'the audio: WAV, or anything ffmpeg reads')
    .option('-o, --output <file>', 'the token file; else the name of the input with .lnt')
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
    .description('decode codec tokens (.lnt) into an audio file')
    .argument('<file>', 'the token file')
    .option('-o, --output <file>', 'the audio file; else the name of the input with .wav')
    .option('--format <name>', 'wav, pcm, mulaw, alaw, mp3, opus, aac or flac; else by extension');
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
  const output = options.output ?? replaceExtension(input, 'lnt');
  const onWarning = (warning: string) => process.stderr.write(`warning: ${warning}\n`);
  const samples = openAudio(input, { signal, onWarning });
  const engine = await loadEngine({ ...options, warmUp: false });
  try {
    const codec = await engine.loadCodec(options.codec);
    const { codec: kind, codebooks } = options;
    const settings = codebooks === undefined ? { kind } : { kind, numCodebooks: codebooks };
    const encoded = await encodeFile(codec, samples, output, { ...settings, signal });
    const { numBytes, durationSeconds, bitrateKbps } = encoded;
    process.stderr.write(
      `${output}: ${durationSeconds.toFixed(2)} s in ${numBytes} bytes, ${bitrateKbps.toFixed(2)} kbps\n`,
    );
  } finally {
    await engine.close();
  }
}

async function decode(
  loadEngine: LoadEngine,
  input: string,
  options: DecodeArguments,
  signal: AbortSignal,
): Promise<void> {
  const output = options.output ?? replaceExtension(input, 'wav');
  const format =
    options.format === undefined
      ? (formatOfPath(output) ?? AUDIO_FORMATS.wav)
      : findFormat(options.format);
  const file = await readLntFile(input);
  const engine = await loadEngine({ ...options, warmUp: false });
  try {
    const codec = await engine.loadCodec(file.codec);
    const samples = decodeSamples(codec, file);
    const { numSamples } = await writeAudioFile(samples, output, format, { signal });
    process.stderr.write(`${output}: ${(numSamples / codec.sampleRate).toFixed(2)} s of audio\n`);
  } finally {
    await engine.close();
  }
}

function replaceExtension(path: string, extension: string): string {
  return `${path.replace(/\.[^./\\]+$/, '')}.${extension}`;
}
