import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Row, CodecBench } from './parts.js';
import { expectDone } from './program.js';
import { repeatTokens } from './tokens.js';

const WANTED_MB = 400;
/** How much more the long file may take. */
const WANTED_GROWTH = 1.1;
/** Tokens of so many seconds are repeated. */
const PATTERN_SECONDS = 60;

/** Measures the largest resident memory of encoding and decoding a short and a long file. */
export async function measureMemory(bench: CodecBench): Promise<Row[]> {
  const { folder, speech, minutes, hours } = bench;
  const pattern = join(folder, 'pattern.wav');
  await speech.writeLong(pattern, PATTERN_SECONDS);
  await expectDone(['encode', pattern]);
  const rows: Row[] = [];
  for (const command of ['encode', 'decode'] as const) {
    const [short, long] = [60 * minutes, 3600 * hours];
    const few = await measure(command, short, bench, `${pattern}.lnt`);
    const many = await measure(command, long, bench, `${pattern}.lnt`);
    const limit = Math.min(WANTED_MB, few * WANTED_GROWTH);
    rows.push(
      [`${command}, ${minutes} minutes: largest resident memory, MB`, few.toFixed(0), `<= ${WANTED_MB}`], // prettier-ignore
      [`... ${hours} hours`, many.toFixed(0), `<= ${limit.toFixed(0)}`],
    );
  }
  return rows;
}

async function measure(
  command: 'encode' | 'decode',
  seconds: number,
  { folder, speech }: CodecBench,
  pattern: string,
): Promise<number> {
  process.stderr.write(`measuring: memory, ${command} of ${seconds} s\n`);
  const [input, output] = [join(folder, 'input'), join(folder, 'output.wav')];
  await (command === 'encode'
    ? speech.writeLong(input, seconds)
    : repeatTokens(pattern, input, seconds));
  const { peakMb, seconds: taken } = await expectDone([command, input, '-o', output]);
  process.stderr.write(
    `${command} of ${seconds} s: ${peakMb.toFixed(0)} MB, ${taken.toFixed(0)} s\n`,
  );
  await rm(input);
  await rm(output);
  return peakMb;
}
