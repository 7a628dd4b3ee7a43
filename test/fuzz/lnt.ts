import { fuzzReaders, type Outcome } from './lnt-readers.js';

// npm run fuzz:lnt -- [FILES [SEED]]
const numFiles = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? 1);
const outcomes: Record<Outcome, number> = { sound: 0, damaged: 0, truncated: 0, refused: 0 };
let numFailed = 0;
let mostBytes = 0;
let slowestMs = 0;
const startMs = performance.now();
for (let run = 0; run < numFiles; run++) {
  const beganMs = performance.now();
  try {
    const { outcome, bytesPerByte } = await fuzzReaders(seed, run);
    outcomes[outcome]++;
    mostBytes = Math.max(mostBytes, bytesPerByte);
  } catch (error) {
    numFailed++;
    const told = error instanceof Error ? error.message : String(error);
    process.stdout.write(`file ${run} of seed ${seed}: ${told.slice(0, 400)}\n`);
    process.exitCode = 1;
  }
  slowestMs = Math.max(slowestMs, performance.now() - beganMs);
}
const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
process.stdout.write(
  `${numFiles} files in ${seconds} s, the slowest in ${slowestMs.toFixed(0)} ms: ${outcomes.sound} sound, ` +
    `${outcomes.damaged} damaged, ${outcomes.truncated} truncated, ${outcomes.refused} refused, ${numFailed} failed; ` +
    `at most ${mostBytes.toFixed(1)} bytes allocated for one of the file\n`,
);
