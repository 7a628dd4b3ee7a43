import { join } from 'node:path';
import { createRandom } from '../../src/bench/random.js';
import { median } from '../../src/bench/statistics.js';
import type { Row, CodecBench } from './parts.js';
import { expectDone, fastest } from './program.js';
import { repeatTokens } from './tokens.js';

const PATTERN_SECONDS = 60;
const DURATION = 5;
const PLACES = 10;
const PLACE_STREAM = 2;

/** Measures how long it takes to decode five seconds anywhere in a long file, beyond the start of the process. */
export async function measureSeek(bench: CodecBench): Promise<Row[]> {
  const { folder, speech, hours, repeats, seed } = bench;
  const [pattern, second] = [join(folder, 'pattern.wav'), join(folder, 'second.wav')];
  await speech.writeLong(pattern, PATTERN_SECONDS);
  await speech.writeLong(second, 1);
  await expectDone(['encode', pattern]);
  await expectDone(['encode', second]);
  const long = join(folder, 'long.lnt');
  await repeatTokens(`${pattern}.lnt`, long, hours * 3600);
  const output = ['-o', join(folder, 'out.wav')];
  const random = createRandom(seed, PLACE_STREAM);
  let start = Infinity;
  const times: number[] = [];
  for (let place = 0; place < PLACES; place++) {
    const from = random(0, hours * 3600 - DURATION).toFixed(3);
    const part = ['--start', from, '--duration', `${DURATION}`];
    // in turn, so that what else runs on the machine slows down both
    start = Math.min(start, await fastest(['decode', `${second}.lnt`, ...output], repeats));
    times.push(await fastest(['decode', long, ...part, ...output], repeats));
  }
  return [
    [
      `decode, ${DURATION} s at ${PLACES} random places of ${hours} hours: s beyond decoding a file of one second`,
      `${(median(times) - start).toFixed(2)} (slowest ${(Math.max(...times) - start).toFixed(2)})`,
      '<= 0.5',
    ],
  ];
}
