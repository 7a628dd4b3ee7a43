import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Row, CodecBench } from './parts.js';
import { expectDone, runLinnet } from './program.js';
import { compareTokens } from './tokens.js';

const FILES = 40;
const SECONDS = [1, 40] as const;

const CPU = ['--device', 'cpu'];
const BASE = [...CPU, '--jobs', '1', '--threads', '1'];
const OTHERS = [
  [...CPU, '--jobs', '1', '--threads', '2'],
  [...CPU, '--jobs', '1', '--threads', '4'],
  [...CPU, '--jobs', '2', '--threads', '1'],
  [...CPU, '--jobs', '2', '--threads', '2'],
  ['--device', 'webgpu'],
];

/** Measures whether the same recordings become the same tokens with other threads, jobs, calls and devices. */
export async function measureThreads({ folder, speech, seed }: CodecBench): Promise<Row[]> {
  const clips = join(folder, 'clips');
  await speech.writeClips(clips, FILES, ...SECONDS, seed);
  const rows: Row[] = [];
  for (const codec of ['rvq', 'single']) {
    const base = join(folder, codec);
    await expectDone(['encode', clips, '--codec', codec, ...BASE, '-o', base]);
    const compare = async (name: string, output: string): Promise<void> => {
      const { numCodes, numDifferent, numFilesDifferent } = await compareTokens(base, output);
      rows.push([
        `${codec}: codes that differ between ${BASE.slice(2).join(' ')} and ${name}`,
        `${numDifferent} of ${numCodes}, in ${numFilesDifferent} of ${FILES} files`,
        '0',
      ]);
    };
    for (const options of OTHERS) {
      const name = options.filter((option) => !CPU.includes(option)).join(' ');
      const output = `${base}-${options.join('')}`;
      const run = await runLinnet(['encode', clips, '--codec', codec, ...options, '-o', output]);
      if (run.exitCode === 0) {
        await compare(name, output);
      } else if (options.includes('webgpu')) {
        rows.push([`${codec}: ${name}`, 'no such device here']);
      } else {
        throw new Error(`encode with ${name} failed: ${run.stderr}`);
      }
    }
    const apart = `${base}-apart`;
    for (const name of await readdir(clips)) {
      const call = ['encode', join(clips, name), '--codec', codec, ...BASE];
      await expectDone([...call, '-o', `${apart}/`]);
    }
    await compare('a call for each file', apart);
  }
  return rows;
}
