import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { addEngineOptions, parseInteger, type EngineArguments } from '../../src/cli/arguments.js';
import { runProgram } from '../../src/cli/run.js';
import { isErrorLike } from '../../src/errors.js';
import { findPackageRoot } from '../../src/package-root.js';
import { Engine } from '../../tts/engine.js';
import { findModels } from '../../tts/models-path.js';
import { explained } from '../explained.js';
import { describeMachine } from '../machine.js';
import { makeSyntheticClips, readHumanClips } from './clips.js';
import { measureCodecs, type CodecResult, type Coding } from './codec.js';
import { formatQuality, type QualityReport } from './report.js';
import { measureVoices, type VoiceScore } from './speech.js';
import { ToolMissing } from './tools.js';

type Arguments = EngineArguments & {
  model?: string;
  only?: 'speech' | 'codec';
  allVoices?: true;
  human?: string;
  clips: number;
  sentences?: number;
  json?: string;
};

const DEFAULT_CLIPS = 8;
/** Codebooks of 0.5 kbps each: 1, 2 and 4 kbps. */
const LEVELS = [2, 4, 8];

async function measure(options: Arguments): Promise<void> {
  const { device, threads, only, json } = options;
  const model = options.model === undefined ? findModels() : resolve(options.model);
  const missing: string[] = [];
  const note = (message: string) => {
    if (!missing.includes(message)) {
      missing.push(message);
      process.stderr.write(`left out: ${message}\n`);
    }
  };
  const folder = await mkdtemp(join(tmpdir(), 'linnet-quality-'));
  const engine = await Engine.load({
    device,
    model,
    warmUp: only !== 'codec',
    ...(threads === undefined ? {} : { threads }),
  });
  try {
    const sentences = (await readSentences()).slice(0, options.sentences);
    const speech = only === 'codec' ? [] : await speechScores(engine, sentences);
    const codec = only === 'speech' ? [] : await codecScores(engine, sentences);
    const report: QualityReport = { machine: describeMachine(), speech, codec, missing };
    process.stdout.write(`\n${formatQuality(report)}`);
    if (json !== undefined) {
      await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
    }
  } finally {
    await engine.close();
    await rm(folder, { recursive: true });
  }

  async function speechScores(engine: Engine, sentences: string[]): Promise<VoiceScore[]> {
    const ids = engine.voices.map(({ id }) => id);
    const voices = options.allVoices === true ? ids : ids.slice(0, 1);
    process.stderr.write(`measuring: words of ${voices.join(', ')}\n`);
    return orNothing(() => measureVoices(engine, voices, sentences, folder, note));
  }

  async function codecScores(engine: Engine, sentences: string[]): Promise<CodecResult[]> {
    process.stderr.write('measuring: codecs\n');
    const groups = await makeSyntheticClips(sentences.slice(0, options.clips), folder, note);
    groups.push(await readHumanClips(options.human, options.clips));
    const codings = await listCodings(engine, note);
    return orNothing(() => measureCodecs(groups, codings, folder));
  }

  async function orNothing<T>(task: () => Promise<T[]>): Promise<T[]> {
    try {
      return await task();
    } catch (error) {
      if (error instanceof ToolMissing) {
        note(error.message);
        return [];
      }
      throw error;
    }
  }
}

async function listCodings(engine: Engine, note: (message: string) => void): Promise<Coding[]> {
  const rvq = await engine.loadCodec('rvq');
  const codings: Coding[] = LEVELS.map((numCodebooks) => ({
    name: `rvq, ${numCodebooks} codebooks`,
    codec: rvq,
    numCodebooks,
  }));
  try {
    const single = await engine.loadCodec('single');
    codings.push({ name: 'single', codec: single, numCodebooks: single.numCodebooks });
  } catch (error) {
    if (!isErrorLike(error) || error.code !== 'FILE_NOT_FOUND') {
      throw error;
    }
    note('the single tokenizer is not among the models');
  }
  return codings;
}

async function readSentences(): Promise<string[]> {
  const path = join(findPackageRoot(), 'bench', 'quality', 'sentences.txt');
  return (await readFile(path, 'utf8')).trim().split('\n');
}

const program = addEngineOptions(new Command('bench:quality'))
  .description('measure how well speech is understood and how faithful the codecs are')
  .option('--model <folder>', 'folder of the models (default: those of the package)')
  .addOption(new Option('--only <part>', 'measure only this').choices(['speech', 'codec']))
  .option('--all-voices', 'measure the words of every voice, not of the default one only')
  .option('--human <folder>', 'recordings of people for the codec (default: those in samples/)')
  .option('--clips <n>', 'clips of each group', parseInteger(1, 1_000), DEFAULT_CLIPS)
  .option('--sentences <n>', 'only so many of the sentences', parseInteger(1, 1_000))
  .option('--json <file>', 'write the figures there too')
  .exitOverride()
  .action(explained(measure));
process.exitCode = await runProgram(program, process.argv.slice(2));
