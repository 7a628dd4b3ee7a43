import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { isErrorLike, SpeechError } from '../../base/errors.js';
import { findModels } from '../../base/package-root.js';
import { Engine } from '../../engine/client/engine.js';
import { addEngineOptions, parseInteger, type EngineArguments } from '../../src/cli/arguments.js';
import { runProgram } from '../../src/cli/run.js';
import { explained } from '../explained.js';
import { describeMachine } from '../../src/bench/machine.js';
import { makeSyntheticClips, readHumanClips } from './clips.js';
import { codingOf, measureCodecs, type CodecResult, type Coding } from './codec.js';
import { Judges } from './judges.js';
import { listOpusCodings } from './opus.js';
import { PhoneReader } from './phones.js';
import { preparePython } from './python.js';
import { measureQuick } from './quick.js';
import { formatQuality, formatWords, type QualityReport } from './report.js';
import { readSentences, SENTENCE_SETS, type SentenceSet } from './sentences.js';
import { measureVoices, type NamedSentences } from './speech.js';
import { measureStreamed } from './streamed.js';
import { sweep } from './sweep.js';
import { ToolMissing } from './tools.js';
import { measureWordTimes } from './word-times.js';

type Arguments = EngineArguments & {
  model?: string;
  only?: 'speech' | 'codec';
  quick?: true;
  maxWer: number;
  streamed?: true;
  wordTimes?: true;
  sweep?: true;
  voice?: string;
  allVoices?: true;
  set?: SentenceSet;
  seeds: number;
  sentences?: number;
  human?: string;
  clips: number;
  json?: string;
  markdown?: string;
};

const DEFAULT_CLIPS = 8;
const DEFAULT_SEEDS = 3;
const DEFAULT_MAX_WER = 0.12;
const QUICK_SENTENCES = 12;
const SWEEP_SENTENCES = 16;
/** Codebooks of 0.5 kbps each: 1, 2 and 4 kbps. */
const LEVELS = [2, 4, 8];

async function measure(options: Arguments): Promise<void> {
  const model = options.model === undefined ? findModels() : resolve(options.model);
  const { device, threads, precision } = options;
  const settings = { device, precision, model, ...(threads === undefined ? {} : { threads }) };
  // before anything is spoken, since that takes a while
  const kind = options.quick === true ? 'quick' : 'full';
  const python = await preparePython(kind);
  const folder = await mkdtemp(join(tmpdir(), 'linnet-quality-'));
  const judges = new Judges(python, kind, folder);
  const isCodecOnly = options.only === 'codec';
  let phones: PhoneReader | undefined;
  let engine: Engine | undefined;
  try {
    phones = await PhoneReader.load(model);
    engine = await Engine.load({ ...settings, warmUp: !isCodecOnly });
    const voices = chooseVoices(engine, options);
    if (options.quick === true) {
      await checkQuickly(engine, voices[0]!, options, judges);
      return;
    }
    const report = await measureAll(engine, voices, settings, options, judges, phones);
    const markdown = formatQuality(report);
    process.stdout.write(`\n${markdown}`);
    await writeBeside(options.markdown, markdown);
    await writeBeside(options.json, `${JSON.stringify(report, null, 2)}\n`);
  } finally {
    await phones?.close();
    await engine?.close();
    await rm(folder, { recursive: true });
  }
}

async function measureAll(
  engine: Engine,
  voices: readonly string[],
  settings: { device: EngineArguments['device']; model: string; threads?: number },
  options: Arguments,
  judges: Judges,
  phones: PhoneReader,
): Promise<QualityReport> {
  const missing: string[] = [];
  const note = (message: string) => {
    if (!missing.includes(message)) {
      missing.push(message);
      process.stderr.write(`left out: ${message}\n`);
    }
  };
  const report: QualityReport = {
    machine: describeMachine(),
    speech: [],
    streamed: [],
    wordTimes: [],
    sweep: [],
    codec: [],
    missing,
  };
  const daily = (await readSentences('daily')).slice(0, options.sentences);
  // streaming, times of words and sweep are asked for by name, and then nothing else is measured
  if (options.streamed === true) {
    report.streamed = await measureStreamed(engine, voices[0]!, daily, judges);
  }
  if (options.wordTimes === true) {
    const sentences = (await readSets(options)).flatMap((set) => set.sentences);
    report.wordTimes = await measureWordTimes(engine, voices, sentences, judges, phones, note);
  }
  if (options.sweep === true) {
    const sentences = daily.slice(0, options.sentences ?? SWEEP_SENTENCES);
    report.sweep = await sweep(settings, voices[0]!, sentences, judges);
  }
  if (options.streamed === true || options.wordTimes === true || options.sweep === true) {
    return report;
  }
  if (options.only !== 'codec') {
    const sets = await readSets(options);
    const { seeds } = options;
    report.speech = await measureVoices(engine, voices, sets, seeds, judges, phones, note);
  }
  if (options.only !== 'speech') {
    report.codec = await codecScores(engine, daily, options, judges, phones, note);
  }
  return report;
}

async function codecScores(
  engine: Engine,
  sentences: readonly string[],
  options: Arguments,
  judges: Judges,
  phones: PhoneReader,
  note: (message: string) => void,
): Promise<CodecResult[]> {
  process.stderr.write('measuring codecs\n');
  const groups = [await readHumanClips(options.human, options.clips)];
  // one word is too short for STOI
  const long = sentences.filter((sentence) => sentence.split(' ').length > 5);
  const codings = await listCodings(engine, note);
  try {
    groups.unshift(...(await makeSyntheticClips(long.slice(0, options.clips), judges, phones)));
    codings.push(...listOpusCodings(judges.folder));
  } catch (error) {
    if (!(error instanceof ToolMissing)) {
      throw error;
    }
    note(error.message);
  }
  return measureCodecs(groups, codings, judges);
}

async function listCodings(engine: Engine, note: (message: string) => void): Promise<Coding[]> {
  const rvq = await engine.loadCodec('rvq');
  const codings = LEVELS.map((levels) => codingOf(`rvq, ${levels} codebooks`, rvq, levels));
  try {
    const single = await engine.loadCodec('single');
    codings.push(codingOf('single', single, single.numCodebooks));
  } catch (error) {
    if (!isErrorLike(error) || error.code !== 'FILE_NOT_FOUND') {
      throw error;
    }
    note('the single tokenizer is not among the models');
  }
  return codings;
}

async function checkQuickly(
  engine: Engine,
  voice: string,
  options: Arguments,
  judges: Judges,
): Promise<void> {
  const sentences = (await readSentences('daily'))
    .filter((sentence) => sentence.split(' ').length > 5)
    .slice(0, options.sentences ?? QUICK_SENTENCES);
  const words = await measureQuick(engine, voice, sentences, judges);
  const verdict = words.rate <= options.maxWer ? 'at most' : 'above';
  process.stdout.write(
    `voice ${voice}: word error rate ${formatWords(words)}, ${verdict} ${options.maxWer}\n`,
  );
  if (words.rate > options.maxWer) {
    process.exitCode = 1;
  }
}

function chooseVoices(engine: Engine, { voice, allVoices }: Arguments): string[] {
  const ids = engine.voices.map(({ id }) => id);
  if (voice !== undefined && !ids.includes(voice)) {
    throw new SpeechError('VOICE_UNKNOWN', `voice is ${voice}; the voices are ${ids.join(', ')}.`);
  }
  if (allVoices === true) {
    return ids;
  }
  return voice === undefined ? ids.slice(0, 1) : [voice];
}

async function readSets(options: Arguments): Promise<NamedSentences[]> {
  const names = options.set === undefined ? SENTENCE_SETS : [options.set];
  return Promise.all(
    names.map(async (set) => ({
      set,
      sentences: (await readSentences(set)).slice(0, options.sentences),
    })),
  );
}

async function writeBeside(path: string | undefined, text: string): Promise<void> {
  if (path !== undefined) {
    await writeFile(`${path}.part`, text);
    await rename(`${path}.part`, path);
  }
}

function parseRate(value: string): number {
  const rate = value.trim() === '' ? NaN : Number(value);
  if (!(rate >= 0)) {
    throw new InvalidArgumentError('It must be a number from 0, such as 0.12.');
  }
  return rate;
}

const program = addEngineOptions(new Command('bench:quality'))
  .description('judge the voices as people would, and how faithful the codecs are')
  .option('--model <folder>', 'folder of the models (default: those of the package)')
  .addOption(new Option('--only <part>', 'measure only this').choices(['speech', 'codec']))
  .option('--quick', `judge only the words of ${QUICK_SENTENCES} sentences, by a small recogniser`)
  .option('--max-wer <rate>', 'with --quick: exit with 1 above it', parseRate, DEFAULT_MAX_WER)
  .option('--streamed', 'compare whole texts with texts that come word by word')
  .option('--word-times', 'compare the times of words with when they are heard')
  .option('--sweep', 'try temperatures, noise scales and Euler steps')
  .addOption(new Option('--voice <id>', 'a voice (default: the first)').conflicts('allVoices'))
  .option('--all-voices', 'every voice')
  .addOption(new Option('--set <name>', 'only these sentences').choices(SENTENCE_SETS))
  .option('--seeds <n>', 'speak every sentence so often', parseInteger(1, 100), DEFAULT_SEEDS)
  .option('--sentences <n>', 'only so many of each set', parseInteger(1, 1_000))
  .option('--human <folder>', 'recordings of people for the codec (default: those in samples/)')
  .option('--clips <n>', 'clips of each group', parseInteger(1, 1_000), DEFAULT_CLIPS)
  .option('--json <file>', 'write the figures there too')
  .option('--markdown <file>', 'write the tables there too')
  .exitOverride()
  .action(explained(measure));
const code = await runProgram(program, process.argv.slice(2));
process.exitCode = code === 0 ? (process.exitCode ?? 0) : code;
