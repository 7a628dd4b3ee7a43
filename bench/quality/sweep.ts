import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Engine, type EngineOptions } from '../../engine/client/engine.js';
import { readFlowConfig } from '../../tts/flow/config.js';
import { readLanguageModelConfig } from '../../tts/language-model/index.js';
import { mean } from '../../src/bench/statistics.js';
import type { Judges } from './judges.js';
import { wordErrorRate, type WordErrorRate } from './scores.js';
import { speakWhole } from './speech.js';

/** What judges say about one setting of the networks. */
export type SweepResult = {
  temperature: number;
  noiseScale: number;
  eulerSteps: number;
  words: WordErrorRate;
  distillMos: number;
  dnsMosOverall: number;
};

const TEMPERATURES = [0.1, 0.3, 0.5, 0.8];
const NOISE_SCALES = [0.3, 0.6];
const EULER_STEPS = [1, 2, 3, 4];

/** How the flow is set. */
type FlowSetting = { noiseScale: number; eulerSteps: number };

/**
 * Tries settings of the networks. Every noise with every number of Euler steps at the language model's
 * own temperature, so that all of these speak the same tokens; then other temperatures with the flow
 * as it is.
 *
 * @param options - Device and threads; `model` names the models.
 * @param voice - The id of a voice.
 * @param sentences - What it says, with seed 0.
 * @param judges - Full ones.
 * @returns A result for each setting.
 * @throws {ToolMissing} If the judges are missing.
 */
export async function sweep(
  options: EngineOptions & { model: string },
  voice: string,
  sentences: readonly string[],
  judges: Judges,
): Promise<SweepResult[]> {
  const own = readOwn(options.model);
  const flows = NOISE_SCALES.flatMap((noiseScale) =>
    EULER_STEPS.map((eulerSteps) => ({ noiseScale, eulerSteps })),
  );
  const spoken: Spoken[] = [];
  for (const flow of flows) {
    const isOwn = flow.noiseScale === own.noiseScale && flow.eulerSteps === own.eulerSteps;
    const temperatures = isOwn ? TEMPERATURES : [own.temperature];
    process.stderr.write(`noise ${flow.noiseScale}, ${flow.eulerSteps} steps\n`);
    spoken.push(...(await speakSetting(options, flow, temperatures, voice, sentences, judges)));
  }
  // all at once, since judges take longer to load than to judge a dozen clips
  const judgements = await judges.judge(spoken.flatMap(({ wavs }) => wavs));
  return spoken.map(({ setting }, at) => {
    const judged = judgements.slice(at * sentences.length, (at + 1) * sentences.length);
    return {
      ...setting,
      words: wordErrorRate(judged.map(({ heard }, index) => ({ text: sentences[index]!, heard }))),
      distillMos: mean(judged.map(({ distillMos }) => distillMos))!,
      dnsMosOverall: mean(judged.map(({ dnsMosOverall }) => dnsMosOverall))!,
    };
  });
}

/** What was spoken with a setting: a file for each sentence. */
type Spoken = { setting: FlowSetting & { temperature: number }; wavs: string[] };

async function speakSetting(
  options: EngineOptions & { model: string },
  flow: FlowSetting,
  temperatures: readonly number[],
  voice: string,
  sentences: readonly string[],
  judges: Judges,
): Promise<Spoken[]> {
  const name = `${flow.noiseScale}-${flow.eulerSteps}`;
  const model = join(judges.folder, `models-${name}`);
  await copyModels(options.model, model, flow);
  const engine = await Engine.load({ ...options, model });
  const spoken: Spoken[] = [];
  try {
    for (const temperature of temperatures) {
      const wavs: string[] = [];
      for (const [index, sentence] of sentences.entries()) {
        const samples = await speakWhole(engine, sentence, { voice, seed: 0, temperature });
        wavs.push(await judges.save(`sweep-${name}-${temperature}-${index}`, samples, 24_000));
      }
      spoken.push({ setting: { ...flow, temperature }, wavs });
    }
  } finally {
    await engine.close();
    await rm(model, { recursive: true });
  }
  return spoken;
}

/** What the models are set to. */
function readOwn(model: string): FlowSetting & { temperature: number } {
  const { noiseScale, eulerSteps } = readFlowConfig(join(model, 'flow', 'config.json'));
  const language = readLanguageModelConfig(join(model, 'language-model', 'config.json'));
  return { noiseScale, eulerSteps, temperature: language.temperature };
}

/**
 * Makes a folder of models whose flow has other settings; the weights are links.
 *
 * @param from - The models.
 * @param to - The new folder.
 * @param changes - Keys of `flow/config.json`.
 */
export async function copyModels(
  from: string,
  to: string,
  changes: Readonly<Record<string, number>>,
): Promise<void> {
  const source = resolve(from);
  await mkdir(join(to, 'flow'), { recursive: true });
  for (const name of await readdir(source)) {
    if (name !== 'flow') {
      await symlink(join(source, name), join(to, name));
    }
  }
  for (const name of await readdir(join(source, 'flow'))) {
    const [path, copy] = [join(source, 'flow', name), join(to, 'flow', name)];
    if (name === 'config.json') {
      const config = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
      await writeFile(copy, JSON.stringify({ ...config, ...changes }));
    } else {
      await symlink(path, copy);
    }
  }
}
