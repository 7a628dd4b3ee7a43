import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { AUDIO_FORMATS, findFormat, formatOfPath, type AudioFormat } from '../audio/formats.js';
import { writeAudioFile, writeAudioStream } from '../audio/write-audio.js';
import {
  INPUT_FORMATS,
  inputFormatOfPath,
  readDocument,
  speakInput,
  type InputFormat,
  type ParsedDocument,
} from '../document.js';
import { SpeechError, toSpeechError } from '../errors.js';
import type { SpeakOptions, SpeechEngine } from '../speech-engine.js';
import { checkText, decodeText } from '../text-input.js';
import { resolveVoice } from '../voices.js';
import { addEngineOptions, parseSeed, parseSpeed, type EngineArguments } from './arguments.js';
import type { LoadEngine } from './load-engine.js';
import { Progress } from './progress.js';
import { withInterrupt } from './run.js';

type SpeakArguments = EngineArguments & {
  input?: string;
  inputFormat?: InputFormat;
  output: string;
  voice?: string;
  format?: string;
  speed: number;
  seed?: number;
  quiet?: boolean;
};

/** Stands for standard input or output. */
const STANDARD_STREAM = '-';

/**
 * Makes `linnet speak`.
 *
 * @param loadEngine - Loads what speaks.
 * @returns The command.
 */
export function speakCommand(loadEngine: LoadEngine): Command {
  const command = new Command('speak')
    .description('speak a text into a file or to standard output')
    .argument('[text...]', 'the text; without it and --input, standard input is read')
    .option('-i, --input <file>', 'read the text from a file, - for standard input')
    .addOption(
      new Option(
        '--input-format <name>',
        "what the text is written in; else by the file's name",
      ).choices(INPUT_FORMATS),
    )
    .option('-o, --output <file>', 'where the speech goes, - for standard output', 'speech.wav')
    .option('--voice <name>', 'who speaks, see "linnet voices"')
    .option('--format <name>', 'wav, pcm, mulaw, alaw, mp3, opus, aac or flac; else by extension')
    .option('--speed <x>', '0.25 to 4 times as fast', parseSpeed, 1)
    .option('--seed <n>', 'makes the speech repeatable', parseSeed)
    .option('-q, --quiet', 'print no summary and no warnings');
  return addEngineOptions(command).action(async (words: string[], options: SpeakArguments) => {
    await withInterrupt((signal) => speak(loadEngine, words, options, signal));
  });
}

async function speak(
  loadEngine: LoadEngine,
  words: string[],
  options: SpeakArguments,
  signal: AbortSignal,
): Promise<void> {
  // everything that can be wrong with the call is checked before the models are loaded
  const format = chooseFormat(options);
  if (options.output === STANDARD_STREAM && process.stdout.isTTY) {
    throw new SpeechError(
      'OPTION_INVALID',
      'Audio is not for a terminal; send it to a pipe or file.',
    );
  }
  const text = await openText(words, options.input);
  const engine = await loadEngine(options);
  try {
    const input = await readInput(engine, text, options);
    await speakTo(engine, input, format, options, signal);
  } finally {
    await engine.close();
    if (typeof text !== 'string') {
      // a terminal or pipe that is still open would keep the program alive
      process.stdin.destroy();
    }
  }
}

/** The text as it is, or as a document read whole, with its warnings on standard error. */
async function readInput(
  engine: SpeechEngine,
  text: string | AsyncIterable<string>,
  { input, inputFormat = inputFormatOfPath(input ?? ''), quiet }: SpeakArguments,
): Promise<string | AsyncIterable<string> | ParsedDocument> {
  if (inputFormat === 'text') {
    return text;
  }
  const document = readDocument(await joinText(text), inputFormat, engine.voices);
  if (quiet !== true) {
    for (const warning of document.warnings) {
      process.stderr.write(`warning: ${warning}\n`);
    }
  }
  return document;
}

async function joinText(text: string | AsyncIterable<string>): Promise<string> {
  if (typeof text === 'string') {
    return text;
  }
  const parts: string[] = [];
  for await (const part of text) {
    parts.push(part);
  }
  return parts.join('');
}

async function speakTo(
  engine: SpeechEngine,
  input: string | AsyncIterable<string> | ParsedDocument,
  format: AudioFormat,
  options: SpeakArguments,
  signal: AbortSignal,
): Promise<void> {
  const progress = new Progress(process.stderr, options.quiet === true);
  const chunks = speakInput(engine, input, toSpeakOptions(engine, options, signal));
  const samples = progress.follow(chunks);
  const isStandard = options.output === STANDARD_STREAM;
  try {
    await (isStandard
      ? writeAudioStream(samples, process.stdout, format, { signal })
      : writeAudioFile(samples, options.output, format, { signal }));
  } finally {
    progress.clear();
  }
  if (options.quiet !== true) {
    process.stderr.write(`${progress.summary(isStandard ? 'stdout' : options.output)}\n`);
  }
}

function toSpeakOptions(
  engine: SpeechEngine,
  { voice, speed, seed }: SpeakArguments,
  signal: AbortSignal,
): SpeakOptions {
  const options: SpeakOptions = { speed, signal };
  if (voice !== undefined) {
    options.voice = resolveVoice(voice, engine.voices);
  }
  if (seed !== undefined) {
    options.seed = seed;
  }
  return options;
}

function chooseFormat({ format, output }: SpeakArguments): AudioFormat {
  if (format !== undefined) {
    return findFormat(format);
  }
  return formatOfPath(output) ?? AUDIO_FORMATS.wav;
}

async function openText(
  words: string[],
  input: string | undefined,
): Promise<string | AsyncIterable<string>> {
  if (words.length > 0) {
    if (input !== undefined) {
      throw new SpeechError('OPTION_INVALID', 'Give the text or --input, not both.');
    }
    return checkText(words.join(' '));
  }
  if (input !== undefined && input !== STANDARD_STREAM) {
    const stats = await stat(input).catch((error: unknown) => {
      throw toSpeechError(error);
    });
    if (stats.isDirectory()) {
      throw new SpeechError('FILE_READ_FAILED', `${input} is a directory, not a text.`, {
        path: input,
      });
    }
    return decodeText(createReadStream(input));
  }
  if (input === undefined && process.stdin.isTTY) {
    throw new SpeechError('TEXT_EMPTY', 'Give a text to speak, or --input FILE.');
  }
  return decodeText(process.stdin);
}
