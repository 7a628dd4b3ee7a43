import { createProgram } from '../../src/cli/program.js';
import { runProgram } from '../../src/cli/run.js';
import { ToneEngine } from './fake-engine.js';

// the command line as main.ts runs it, with an engine whose pace a test can choose
const chunkMs = Number(process.env['TONE_CHUNK_MS'] ?? 0);
process.stdout.on('error', () => undefined);
const args = process.argv.slice(2);
process.exitCode = await runProgram(
  await createProgram(() => Promise.resolve(new ToneEngine(chunkMs)), args),
  args,
);
