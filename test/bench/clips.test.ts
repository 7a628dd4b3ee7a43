import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { heldOutSpeakers, readHumanClips } from '../../bench/quality/clips.js';
import { writeWav } from '../../bench/quality/tools.js';

describe('heldOutSpeakers', () => {
  it('takes every ninth of the sorted speakers, at most twelve', () => {
    const speakers = Array.from({ length: 200 }, (_, index) =>
      String(index % 150).padStart(3, '0'),
    );
    const held = [...heldOutSpeakers(speakers.reverse())];
    expect(held).toHaveLength(12);
    expect(held.slice(0, 3)).toEqual(['000', '009', '018']);
  });
});

describe('readHumanClips', () => {
  it('reads only held-out speakers where a table names them, at the peak of training', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'linnet-clips-'));
    for (const name of ['u1', 'u2']) {
      await writeWav(join(folder, `${name}.wav`), new Float32Array(1600).fill(0.25), 16_000);
    }
    const table = 'utterance\tspeaker\tgender\nu1\tb\tf\nu2\ta\tm\n';
    await writeFile(join(folder, 'transcripts.tsv'), table);
    const { clips, kind } = await readHumanClips(folder, 5);
    await rm(folder, { recursive: true });
    expect(kind).toBe('human');
    expect(clips.map(({ length }) => length)).toEqual([2400]);
    expect(Math.max(...clips[0]!)).toBeCloseTo(0.6, 5);
  });

  it('falls back on the samples of the package', async () => {
    const { clips } = await readHumanClips(undefined, 2);
    expect(clips).toHaveLength(2);
  });
});
