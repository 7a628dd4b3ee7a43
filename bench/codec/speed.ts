import { join } from 'node:path';
import type { Row, CodecBench } from './parts.js';
import { fastest } from './program.js';

const ONE_THREAD = ['--jobs', '1', '--threads', '1', '--overwrite'];
const WANTED = { encode: 0.02, decode: 0.05 };

/** Measures how long encoding and decoding take on one thread, beyond the start of the process. */
export async function measureSpeed(bench: CodecBench): Promise<Row[]> {
  const { folder, speech, minutes, repeats } = bench;
  const [long, second] = [join(folder, 'long.wav'), join(folder, 'second.wav')];
  await speech.writeLong(long, 60 * minutes);
  await speech.writeLong(second, 1);
  const rows: Row[] = [];
  for (const command of ['encode', 'decode'] as const) {
    const extension = command === 'encode' ? '' : '.lnt';
    const start = await fastest([command, `${second}${extension}`, ...ONE_THREAD], repeats);
    const whole = await fastest([command, `${long}${extension}`, ...ONE_THREAD], repeats);
    const factor = (whole - start) / (60 * minutes - 1);
    rows.push([
      `${command}, ${minutes} minutes, one thread: real-time factor`,
      `${factor.toFixed(4)} (a second by itself takes ${start.toFixed(2)} s)`,
      `<= ${WANTED[command]}`,
    ]);
  }
  return rows;
}
