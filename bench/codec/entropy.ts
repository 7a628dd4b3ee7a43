import { join } from 'node:path';
import type { Row, CodecBench } from './parts.js';
import { expectDone } from './program.js';
import { compareTokens, countBytes } from './tokens.js';

const FILES = 60;
const SECONDS = [5, 15] as const;

/** Measures how much shorter entropy-coded files are, and whether they hold the same codes. */
export async function measureEntropy({ folder, speech, seed }: CodecBench): Promise<Row[]> {
  const clips = join(folder, 'clips');
  await speech.writeClips(clips, FILES, ...SECONDS, seed);
  const rows: Row[] = [];
  for (const codec of ['rvq', 'single']) {
    const packed = join(folder, `${codec}-packed`);
    const coded = join(folder, `${codec}-coded`);
    await expectDone(['encode', clips, '--codec', codec, '-o', packed]);
    await expectDone(['encode', clips, '--codec', codec, '--entropy', '-o', coded]);
    const [before, after] = [await countBytes(packed), await countBytes(coded)];
    const { numCodes, numDifferent } = await compareTokens(packed, coded);
    rows.push(
      [
        `${codec}: entropy-coded files, bytes of the packed ones`,
        `${((100 * after) / before).toFixed(1)} % (${after} of ${before})`,
        '<= 90 %',
      ],
      [`... codes that differ`, `${numDifferent} of ${numCodes}`, '0'],
    );
  }
  return rows;
}
