#!/usr/bin/env node
import { listenForSignals } from './interruption.js';

// before anything heavy is imported, since that already takes long enough to be interrupted
listenForSignals();

// a reader that leaves is seen by the writes themselves; without a listener it would crash us
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

const [{ createProgram }, { loadEngine }, { runProgram }] = await Promise.all([
  import('./program.js'),
  import('./load-engine.js'),
  import('./run.js'),
]);
const args = process.argv.slice(2);
process.exitCode = await runProgram(await createProgram(loadEngine, args), args);
