import { performance } from 'node:perf_hooks';
import { Command } from 'commander';
import { SpeechError } from '../base/errors.js';
import { parseInteger } from '../src/cli/arguments.js';
import { runProgram } from '../src/cli/run.js';
import { TextFrontEnd } from '../tts/text/index.js';
import { explained } from './explained.js';
import { describeMachine } from '../src/bench/machine.js';
import { hasWords, randomTexts } from './random-texts.js';
import { BENCH_TEXT } from './texts.js';

const NUM_ROUNDS = 400;
const LONG_TEXT_UNITS = 1_000_000;

type Options = { strings: number; seed: number };

async function benchText({ strings, seed }: Options): Promise<void> {
  const frontEnd = await TextFrontEnd.load();
  const { cpu, node, commit } = describeMachine();
  say(`${cpu}, Node ${node}, commit ${commit}`);
  say(
    `words a second of one core: ${Math.round(await measureSpeed(frontEnd)).toLocaleString('en')}`,
  );
  say(`1 MB without punctuation, first utterance: ${(await measureStart(frontEnd)).toFixed(1)} ms`);
  const { numEmpty, numFailed } = await tryStrings(frontEnd, strings, seed);
  say(
    `${strings} random strings of seed ${seed}: ${numFailed} failed, ${numEmpty} with words gave nothing`,
  );
  if (numFailed + numEmpty > 0) {
    process.exitCode = 1;
  }
}

/** Words a second of ordinary text; the first rounds, in which the code gets warm, do not count. */
async function measureSpeed(frontEnd: TextFrontEnd): Promise<number> {
  let numWords = 0;
  let began = process.cpuUsage();
  for (let round = 0; round < NUM_ROUNDS; round++) {
    if (round === NUM_ROUNDS / 4) {
      began = process.cpuUsage();
      numWords = 0;
    }
    for (const { words } of await frontEnd.process(BENCH_TEXT)) {
      numWords += words.length;
    }
  }
  // of processor time, so that a busy machine does not count
  const { user, system } = process.cpuUsage(began);
  return (numWords / (user + system)) * 1e6;
}

/** Milliseconds to the first sentence of a text that arrives whole. */
async function measureStart(frontEnd: TextFrontEnd): Promise<number> {
  const text = 'word '.repeat(LONG_TEXT_UNITS / 5);
  const began = performance.now();
  await frontEnd.stream().read(text).next();
  return performance.now() - began;
}

async function tryStrings(
  frontEnd: TextFrontEnd,
  count: number,
  seed: number,
): Promise<{ numFailed: number; numEmpty: number }> {
  let numFailed = 0;
  let numEmpty = 0;
  for (const text of randomTexts(count, seed)) {
    try {
      const utterances = await frontEnd.process(text);
      numEmpty += utterances.length === 0 && hasWords(text) ? 1 : 0;
    } catch (failure) {
      // letters in [[ ]] may look like phones with a mistake, which are refused
      numFailed += failure instanceof SpeechError ? 0 : 1;
    }
  }
  return { numFailed, numEmpty };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const program = new Command('bench-text')
  .description('measure the text front end and try it on random strings')
  .option('--strings <n>', 'how many strings', parseInteger(0, 100_000_000), 20_000)
  .option('--seed <n>', 'which strings', parseInteger(0, 2 ** 32 - 1), 7)
  .exitOverride()
  .action(explained(benchText));
process.exitCode = (await runProgram(program, process.argv.slice(2))) || process.exitCode;
