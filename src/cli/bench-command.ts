import { setMaxListeners } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { SpeechError, toSpeechError } from '../../base/errors.js';
import { readNumber } from '../../base/numbers.js';
import { MAX_SEED } from '../../tts/limits.js';
import { PROTOCOLS, type BenchClient, type Protocol, type Target } from '../bench/client.js';
import type { LoadReport } from '../bench/load-report.js';
import { addEngineOptions, parseInteger, parseNumber, type EngineArguments } from './arguments.js';
import { withInterrupt } from './interruption.js';

type Arguments = EngineArguments & {
  streams: number[];
  url?: string;
  apiKey?: string;
  seconds: number;
  wordsPerSecond?: number;
  protocol: Protocol;
  crosstalk?: number;
  soak?: number;
  load: number;
  seed: number;
  json?: string;
};

const DEFAULT_STREAMS = [1, 2, 4, 8, 16];
const STREAMS_RANGE = { min: 1, max: 4_096, isInteger: true };

/**
 * Makes `linnet bench`.
 *
 * @returns The command.
 */
export function benchCommand(): Command {
  const command = new Command('bench')
    .addArgument(new Argument('<what>', 'what is measured').choices(['server']))
    .option('--streams <list>', 'clients at once, a step for each', parseStreams, DEFAULT_STREAMS)
    .option('--url <url>', 'the server; without it one is started for the time', parseUrl)
    .option('--api-key <key>', 'its key; other users of the machine can see arguments')
    .option('--seconds <n>', 'how long a step lasts', parseNumber({ min: 0.1, max: 86_400 }), 30)
    .option(
      '--words-per-second <n>',
      'text comes word by word; without it a sentence at once',
      parseNumber({ min: 0.1, max: 1_000 }),
    )
    .addOption(
      new Option('--protocol <name>', 'over a WebSocket, or HTTP')
        .choices(PROTOCOLS)
        .default('live'),
    )
    .option(
      '--crosstalk <rounds>',
      'instead: two clients at once, each of which must hear its own text only',
      parseInteger(1, 1_000_000),
    )
    .option(
      '--soak <minutes>',
      'instead: clients that come and leave for so long',
      parseNumber({ min: 0.01, max: 100_000 }),
    )
    .option(
      '--load <share>',
      'how many there are in a soak, as a share of --streams',
      parseNumber({ min: 0.01, max: 1 }),
      0.7,
    )
    .option('--seed <n>', 'of sentences and pauses', parseInteger(0, MAX_SEED), 1)
    .option('--json <file>', 'write the figures there too');
  return addEngineOptions(command).action(async (_: string, options: Arguments) => {
    if (options.protocol === 'http' && options.wordsPerSecond !== undefined) {
      throw new SpeechError(
        'OPTION_INVALID',
        '--words-per-second: over HTTP all text goes at once; take --protocol live.',
      );
    }
    await withInterrupt((signal) => bench(options, signal));
  });
}

async function bench(options: Arguments, signal: AbortSignal): Promise<void> {
  // imported here, so that help comes at once
  const [{ withOwnServer }, { formatLoadReport }] = await Promise.all([
    import('../bench/own-server.js'),
    import('../bench/load-report.js'),
  ]);
  const { url, apiKey, device, precision, threads, json } = options;
  const args = ['--device', device, '--precision', precision];
  if (threads !== undefined) {
    args.push('--threads', String(threads));
  }
  const report = await (url === undefined
    ? withOwnServer(args, signal, (own) => measure({ url: own, apiKey }, options, signal))
    : measure({ url, apiKey }, options, signal));
  process.stdout.write(formatLoadReport(report));
  if (json !== undefined) {
    await writeFile(json, `${JSON.stringify(report, null, 2)}\n`).catch((error: unknown) => {
      throw toSpeechError(error);
    });
  }
  checkReport(report);
}

async function measure(
  target: Target,
  options: Arguments,
  signal: AbortSignal,
): Promise<LoadReport> {
  const [{ beginReport }, { LiveClient }, { HttpClient }, { runStep }] = await Promise.all([
    import('../bench/load-report.js'),
    import('../bench/live-client.js'),
    import('../bench/http-client.js'),
    import('../bench/load-step.js'),
  ]);
  const { protocol, wordsPerSecond, seed, seconds, crosstalk, load } = options;
  const createClient = (): BenchClient =>
    protocol === 'live' ? new LiveClient(target) : new HttpClient(target);
  // every client listens
  setMaxListeners(0, signal);
  const clients = { target, createClient, wordsPerSecond, seed, signal };
  const report = beginReport(protocol, wordsPerSecond);
  // what is wrong with the address or the key is told here, and nothing is cold afterwards
  await warmUp(createClient(), signal);
  if (crosstalk !== undefined) {
    say(`crosstalk, ${crosstalk} rounds`);
    const { listenForCrosstalk } = await import('../bench/crosstalk.js');
    report.crosstalk = await listenForCrosstalk({ ...clients, rounds: crosstalk });
  }
  if (options.soak !== undefined) {
    const numClients = Math.max(1, Math.round(load * Math.max(...options.streams)));
    say(`${numClients} clients for ${options.soak} minutes`);
    const { soak } = await import('../bench/soak.js');
    report.soak = await soak({ ...clients, clients: numClients, minutes: options.soak });
  }
  if (crosstalk === undefined && options.soak === undefined) {
    for (const streams of options.streams) {
      say(`${streams} at once for ${seconds} s`);
      report.steps.push(await runStep({ ...clients, streams, seconds }));
    }
  }
  return report;
}

async function warmUp(client: BenchClient, signal: AbortSignal): Promise<void> {
  const leave = () => {
    client.leave();
  };
  signal.addEventListener('abort', leave);
  try {
    await client.speak({ text: 'Good evening.' }, { pushed: () => undefined, audio: () => undefined }); // prettier-ignore
  } finally {
    signal.removeEventListener('abort', leave);
    leave();
  }
}

/** What must never be, whatever the machine, is a failure of the command. */
function checkReport({ crosstalk, soak }: LoadReport): void {
  if (crosstalk !== null && crosstalk.mismatches > 0) {
    throw new SpeechError(
      'BENCH_FAILED',
      `${crosstalk.mismatches} utterances did not sound as they do alone.`,
    );
  }
  if (soak !== null && soak.keptPlaces > 0) {
    throw new SpeechError(
      'BENCH_FAILED',
      `The server kept ${soak.keptPlaces} places of clients that had left.`,
    );
  }
}

function say(what: string): void {
  process.stderr.write(`measuring: ${what}\n`);
}

function parseStreams(value: string): number[] {
  return value.split(',').map((part) => {
    const number = readNumber(part, STREAMS_RANGE);
    if (number === undefined) {
      throw new InvalidArgumentError('It must be integers from 1 to 4096, separated by commas.');
    }
    return number;
  });
}

function parseUrl(value: string): string {
  if (!/^https?:$/.test(URL.canParse(value) ? new URL(value).protocol : '')) {
    throw new InvalidArgumentError('It must be an address such as http://127.0.0.1:8080.');
  }
  return value;
}
