import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom } from '../../src/bench/random.js';
import { readManifest } from '../../src/batch/manifest.js';
import type { Row, CodecBench } from './parts.js';
import { expectDone, runLinnet } from './program.js';

const FILES = 60;
const SECONDS = [2, 6] as const;
const KILL_STREAM = 3;

/** What was wrong after all, counted in files. */
type Faults = { wrong: number; missing: number; twice: number; parts: number };

/** Kills runs at random moments, lets others go on where they were, and looks at what came of it. */
export async function measureResume(bench: CodecBench): Promise<Row[]> {
  const { folder, speech, kills, seed } = bench;
  const clips = join(folder, 'clips');
  await speech.writeClips(clips, FILES, ...SECONDS, seed);
  const right = join(folder, 'right');
  const undisturbed = await expectDone(['encode', clips, '-o', right]);
  const random = createRandom(seed, KILL_STREAM);
  const output = join(folder, 'tokens');
  const manifest = join(folder, 'tokens.jsonl');
  const args = ['encode', clips, '-o', output, '--resume', '--manifest', manifest];
  const faults: Faults = { wrong: 0, missing: 0, twice: 0, parts: 0 };
  let numKilled = 0;
  let numRounds = 0;
  let numLeft = 0;
  while (numKilled < kills) {
    await rm(output, { recursive: true, force: true });
    await rm(manifest, { force: true });
    numRounds++;
    let isDone = false;
    while (!isDone) {
      const killAfterMs = random(0, 1000 * undisturbed.seconds);
      const run = await (numKilled < kills ? runLinnet(args, { killAfterMs }) : expectDone(args));
      isDone = run.exitCode === 0;
      numKilled += Number(!isDone);
      numLeft += Number(!isDone && (await countParts(output)) > 0);
      if (!isDone && run.exitCode !== null) {
        throw new Error(`a run failed by itself: ${run.stderr}`);
      }
    }
    await check(right, output, manifest, faults);
  }
  const { wrong, missing, twice, parts } = faults;
  return [
    [
      `encode of ${FILES} files, killed ${numKilled} times until ${numRounds} runs were done: files that differ from those of an undisturbed run`,
      `${wrong} of ${FILES * numRounds}`,
      '0',
    ],
    ['... missing in the merged manifests', String(missing), '0'],
    ['... encoded twice, or twice in the merged manifests', String(twice), '0'],
    [`... unfinished files left at the end (after ${numLeft} of the kills there were)`, String(parts), '0'], // prettier-ignore
  ];
}

async function check(
  right: string,
  output: string,
  manifest: string,
  faults: Faults,
): Promise<void> {
  const names = await readdir(right);
  for (const name of names) {
    const expected = await readFile(join(right, name));
    const found = await readFile(join(output, name)).catch(() => undefined);
    faults.wrong += Number(found === undefined || !expected.equals(found));
  }
  faults.parts += await countParts(output);
  const merged = `${manifest}.merged`;
  await expectDone(['manifest', 'merge', manifest, '-o', merged]);
  const outputs = (await readManifest(merged)).map((entry) => entry.output);
  faults.missing += names.filter((name) => !outputs.includes(join(output, name))).length;
  const entries = await readManifest(manifest);
  const encoded = entries.filter(({ status }) => status === 'encoded').map((entry) => entry.output);
  faults.twice += countRepeats(outputs) + countRepeats(encoded);
}

function countRepeats(values: readonly string[]): number {
  return values.length - new Set(values).size;
}

async function countParts(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.endsWith('.part')).length;
}
