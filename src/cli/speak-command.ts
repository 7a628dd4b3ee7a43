import { randomInt } from 'node:crypto';
import { Command } from 'commander';
import { MAX_SEED } from '../../tts/limits.js';
import {
  inputFormatOfPath,
  readDocument,
  textOf,
  type InputFormat,
  type ParsedDocument,
} from '../../tts/markup/document.js';
import type { Dictionary } from '../../tts/text/dictionary.js';
import { warnOfLanguage, watchLanguage } from '../../tts/text/language-warning.js';
import type { SpeakOptions, SpeechEngine } from '../../tts/types.js';
import { resolveVoice } from '../../tts/voices/resolve-voice.js';
import { AUDIO_FORMATS, findFormat, formatOfPath, type AudioFormat } from '../audio/formats.js';
import { forSpeech } from '../audio/lnt-stream.js';
import { writeAudioFile, writeAudioStream } from '../audio/write-audio.js';
import { wordFormatOfPath } from '../files/subtitles.js';
import {
  addEngineOptions,
  inputFormatOption,
  parseSeed,
  parseSpeed,
  RANDOM_SEED,
  type EngineArguments,
} from './arguments.js';
import { addDictionaryOption, readDictionaries } from './dictionary-option.js';
import { withInterrupt } from './interruption.js';
import type { CommandEngine, LoadEngine } from './load-engine.js';
import { joinText, openText } from './open-text.js';
import { Progress } from './progress.js';
import { refuseTerminal, STANDARD_STREAM } from './standard-streams.js';
import { WordFile } from './word-file.js';

type SpeakArguments = EngineArguments & {
  input?: string;
  inputFormat?: InputFormat;
  output: string;
  voice?: string;
  format?: string;
  speed: number;
  seed?: number | typeof RANDOM_SEED;
  captions?: string;
  quiet?: boolean;
  dictionary?: string[];
};

/** With what was read or opened for them. */
type Prepared = Omit<SpeakArguments, 'captions'> & {
  dictionaries: readonly Dictionary[];
  captions: WordFile | undefined;
};

/** A text, a text that arrives, or a document. */
type Input = string | AsyncIterable<string> | ParsedDocument;

/**
 * Makes `linnet speak`.
 *
 * @param loadEngine - Loads what speaks.
 * @returns The command.
 */
export function speakCommand(loadEngine: LoadEngine): Command {
  const command = new Command('speak')
    .argument('[text...]', 'the text; without it and --input, standard input is read')
    .option('-i, --input <file>', 'read the text from a file, - for standard input')
    .addOption(inputFormatOption())
    .option('-o, --output <file>', 'where the speech goes, - for standard output', 'speech.wav')
    .option('--voice <name>', 'who speaks, see "linnet voices"')
    .option(
      '--format <name>',
      'wav, pcm, mulaw, alaw, mp3, opus, aac, m4a, flac or lnt; else by extension',
    )
    .option('--speed <x>', '0.25 to 4 times as fast', parseSpeed, 1)
    .option(
      '--seed <n>',
      'another number, another take; the same gives the same bytes; random draws and tells one (default: 0)',
      parseSeed,
    )
    .option(
      '--words, --captions <file>',
      'also write captions: .srt, .vtt, or .json for the times of the words',
    )
    .option('-q, --quiet', 'print no summary and no warnings');
  addDictionaryOption(command);
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
  if (options.output === STANDARD_STREAM) {
    refuseTerminal('Samples');
  }
  const wordFormat =
    options.captions === undefined ? undefined : wordFormatOfPath(options.captions);
  const dictionaries = await readDictionaries(options.dictionary);
  const text = await openText(words, options.input);
  const engine = await loadEngine({ ...options, signal });
  try {
    const input = await readInput(engine, text, options);
    const captions =
      options.captions === undefined || wordFormat === undefined
        ? undefined
        : await WordFile.create(options.captions, wordFormat);
    try {
      await speakTo(engine, input, format, { ...options, dictionaries, captions }, signal);
      await captions?.commit();
    } finally {
      await captions?.discard();
    }
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
): Promise<Input> {
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

async function speakTo(
  engine: CommandEngine,
  input: Input,
  named: AudioFormat,
  options: Prepared,
  signal: AbortSignal,
): Promise<void> {
  const progress = new Progress(process.stderr, options.quiet === true);
  const watched = options.quiet === true ? input : await watch(input, progress);
  const speaking = toSpeakOptions(engine, options, signal);
  const format = forSpeech(named, engine, speaking.voice ?? engine.voices[0]?.id);
  const chunks = engine.speak(watched, speaking);
  const samples = progress.follow(options.captions?.follow(chunks) ?? chunks);
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

/** Says on standard error if the text is not English. */
async function watch(input: Input, progress: Progress): Promise<Input> {
  const warn = (warning: string) => {
    progress.clear();
    process.stderr.write(`warning: ${warning}\n`);
  };
  if (typeof input === 'object' && !('segments' in input)) {
    return watchLanguage(input, warn);
  }
  await warnOfLanguage(typeof input === 'string' ? input : textOf(input), warn);
  return input;
}

function toSpeakOptions(
  engine: SpeechEngine,
  { voice, speed, seed, dictionaries }: Prepared,
  signal: AbortSignal,
): SpeakOptions {
  const options: SpeakOptions = { speed, signal, dictionary: dictionaries };
  if (voice !== undefined) {
    options.voice = resolveVoice(voice, engine.voices);
  }
  if (seed === RANDOM_SEED) {
    options.seed = randomInt(MAX_SEED + 1);
    process.stderr.write(`seed: ${options.seed}\n`);
  } else if (seed !== undefined) {
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
