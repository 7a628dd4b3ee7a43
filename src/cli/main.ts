#!/usr/bin/env node
import { loadEngine } from './load-engine.js';
import { createProgram } from './program.js';
import { runProgram } from './run.js';

// a reader that leaves is seen by the writes themselves; without a listener it would crash us
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

process.exitCode = await runProgram(createProgram(loadEngine), process.argv.slice(2));
