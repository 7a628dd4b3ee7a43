import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { findModels } from '../base/package-root.js';
import { addEngineOptions, parseInteger, type EngineArguments } from '../src/cli/arguments.js';
import { runProgram } from '../src/cli/run.js';
import { measureClients } from './clients.js';
import { explained } from './explained.js';
import { describeMachine } from '../src/bench/machine.js';
import { formatReport, type BenchReport } from './report.js';
import { measureServer } from './server.js';
import type { BenchSettings } from './settings.js';
import { measureEngine, runStageWorker } from './whole.js';

type Arguments = EngineArguments & {
  model?: string;
  runs: number;
  requests: number;
  json?: string;
};

const DEFAULT_RUNS = 5;
const DEFAULT_REQUESTS = 100;

async function bench(options: Arguments): Promise<void> {
  const { device, threads, precision, runs, requests, json } = options;
  const settings: BenchSettings = {
    device,
    precision,
    model: options.model === undefined ? findModels() : resolve(options.model),
    runs,
    requests,
    ...(threads === undefined ? {} : { threads }),
  };
  // one after the other: each wants the cores for itself
  say('stages');
  const stages = await runStageWorker(settings);
  say('engine');
  const engine = await measureEngine(settings);
  let server: BenchReport['server'] = null;
  let clients: BenchReport['clients'] = null;
  if (requests > 0) {
    say(`server, ${requests} requests`);
    server = await measureServer(settings);
    say('server, many clients');
    clients = await measureClients(settings);
  }
  const report: BenchReport = {
    machine: describeMachine(),
    device: stages.device,
    threads: threads ?? null,
    stages,
    engine,
    server,
    clients,
  };
  process.stdout.write(`\n${formatReport(report)}`);
  if (json !== undefined) {
    await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
  }
}

function say(what: string): void {
  process.stderr.write(`measuring: ${what}\n`);
}

const program = addEngineOptions(new Command('bench'))
  .description('measure how fast this machine speaks')
  .option('--model <folder>', 'folder of the models (default: those of the package)')
  .option('--runs <n>', 'runs that count', parseInteger(1, 1_000), DEFAULT_RUNS)
  .option(
    '--requests <n>',
    'HTTP requests; 0 leaves the server out',
    parseInteger(0, 100_000),
    DEFAULT_REQUESTS,
  )
  .option('--json <file>', 'write the figures there too')
  .exitOverride()
  .action(explained(bench));
process.exitCode = await runProgram(program, process.argv.slice(2));
