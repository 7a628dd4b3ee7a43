import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Engine, type EngineOptions } from '../../tts/engine.js';
import { mean } from '../statistics.js';
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

const TEMPERATURES = [0.1, 0.3, 0.5];
const NOISE_SCALES = [0.3, 0.5, 0.8];
const EULER_STEPS = [4, 6, 8];

/**
 * Tries settings of the networks: the sampling of the language model, noise and steps of the flow.
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
  const results: SweepResult[] = [];
  for (const noiseScale of NOISE_SCALES) {
    for (const eulerSteps of EULER_STEPS) {
      process.stderr.write(`noise ${noiseScale}, ${eulerSteps} steps\n`);
      const model = join(judges.folder, `models-${noiseScale}-${eulerSteps}`);
      await copyModels(options.model, model, { noiseScale, eulerSteps });
      const engine = await Engine.load({ ...options, model });
      const wavs: string[] = [];
      try {
        for (const temperature of TEMPERATURES) {
          for (const [index, sentence] of sentences.entries()) {
            const samples = await speakWhole(engine, sentence, { voice, seed: 0, temperature });
            wavs.push(await judges.save(`sweep-${temperature}-${index}`, samples, 24_000));
          }
        }
      } finally {
        await engine.close();
        await rm(model, { recursive: true });
      }
      const judgements = await judges.judge(wavs);
      for (const [at, temperature] of TEMPERATURES.entries()) {
        const own = judgements.slice(at * sentences.length, (at + 1) * sentences.length);
        results.push({
          temperature,
          noiseScale,
          eulerSteps,
          words: wordErrorRate(own.map(({ heard }, index) => ({ text: sentences[index]!, heard }))),
          distillMos: mean(own.map(({ distillMos }) => distillMos))!,
          dnsMosOverall: mean(own.map(({ dnsMosOverall }) => dnsMosOverall))!,
        });
      }
    }
  }
  return results;
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
