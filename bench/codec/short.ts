import { readdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Row, CodecBench } from './parts.js';
import { expectDone } from './program.js';

const CLIP_SECONDS = 5;
/** So many files get a process each; more would take long and tell nothing new. */
const SINGLE_FILES = 20;

/** Measures many short files in one run, and the same with a process for each. */
export async function measureShort(bench: CodecBench): Promise<Row[]> {
  const { folder, speech, files, repeats, seed } = bench;
  const clips = join(folder, 'clips');
  await speech.writeClips(clips, files, CLIP_SECONDS, CLIP_SECONDS, seed);
  const processors = availableParallelism();
  const output = join(folder, 'tokens');
  let together = Infinity;
  let apart = Infinity;
  for (let run = 0; run < repeats; run++) {
    await rm(output, { recursive: true, force: true });
    together = Math.min(together, (await expectDone(['encode', clips, '-o', output])).seconds);
    apart = Math.min(apart, await encodeApart(clips, folder, processors));
  }
  const apartForAll = (apart * files) / SINGLE_FILES;
  return [
    [
      `encode, ${files} files of ${CLIP_SECONDS} s, ${processors} processors: times real time`,
      `${((files * CLIP_SECONDS) / together).toFixed(1)} (${together.toFixed(1)} s, its start included)`,
      '>= 60',
    ],
    [
      `... times faster than a process for each file, ${processors} at a time`,
      `${(apartForAll / together).toFixed(1)} (${apart.toFixed(1)} s for ${SINGLE_FILES} files)`,
      '>= 3',
    ],
  ];
}

/** As `xargs -P` would do it. */
async function encodeApart(clips: string, folder: string, processors: number): Promise<number> {
  const names = (await readdir(clips)).sort().slice(0, SINGLE_FILES);
  const startMs = performance.now();
  const encodeNext = async (): Promise<void> => {
    for (let name = names.shift(); name !== undefined; name = names.shift()) {
      const output = join(folder, `${name}.lnt`);
      await expectDone(['encode', join(clips, name), '--threads', '1', '-o', output]);
    }
  };
  await Promise.all(Array.from({ length: processors }, encodeNext));
  return (performance.now() - startMs) / 1000;
}
