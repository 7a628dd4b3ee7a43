import { Command } from 'commander';
import { SpeechError } from '../../base/errors.js';
import { NUMBER_RANGES, resolveServerOptions, type ServerOptions } from '../server/options.js';
import { addEngineOptions, parseNumber, type EngineArguments } from './arguments.js';
import { addDictionaryOption } from './dictionary-option.js';
import { withInterrupt } from './interruption.js';
import type { LoadEngine } from './load-engine.js';

/**
 * Makes `linnet serve`.
 *
 * @param loadEngine - Loads what speaks.
 * @returns The command; it ends after SIGINT or SIGTERM.
 */
export function serveCommand(loadEngine: LoadEngine): Command {
  const command = new Command('serve')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option(
      '--port <n>',
      'TCP port, 0 for a free one (default: 8080)',
      parseNumber(NUMBER_RANGES.port),
    )
    .option('--api-key <key>', 'ask clients for this key; better set LINNET_API_KEY')
    .option('--cors-origins <origins...>', 'web origins that may call the server, or "*"')
    .option(
      '--max-input <n>',
      'longest text in characters (default: 4096)',
      parseNumber(NUMBER_RANGES.maxInput),
    )
    .option(
      '--max-running <n>',
      'requests that speak at the same time (default: 16)',
      parseNumber(NUMBER_RANGES.maxRunning),
    )
    .option(
      '--max-waiting <n>',
      'requests that wait for their turn (default: 32)',
      parseNumber(NUMBER_RANGES.maxWaiting),
    )
    .option(
      '--max-paused <n>',
      'responses whose clients do not read (default: 64)',
      parseNumber(NUMBER_RANGES.maxPaused),
    )
    .option(
      '--max-sockets <n>',
      'WebSockets that are open at the same time (default: 256)',
      parseNumber(NUMBER_RANGES.maxSockets),
    )
    .option(
      '--max-contexts <n>',
      'live speeches that are open at the same time (default: 64)',
      parseNumber(NUMBER_RANGES.maxContexts),
    )
    .option(
      '--stall-timeout-ms <n>',
      'break off clients that stop reading (default: 120000)',
      parseNumber(NUMBER_RANGES.stallTimeoutMs),
    )
    .option(
      '--drain-timeout-ms <n>',
      'time for running requests at the end (default: 30000)',
      parseNumber(NUMBER_RANGES.drainTimeoutMs),
    )
    .option('--log-level <level>', 'trace, debug, info, warn, error or silent (default: info)');
  addDictionaryOption(command);
  return addEngineOptions(command).action(
    async (options: EngineArguments & Partial<Record<keyof ServerOptions, unknown>>) => {
      // checked before the models are loaded
      const serverOptions = resolveServerOptions(options);
      await withInterrupt(
        (signal, force) => serve(loadEngine, options, serverOptions, signal, force),
        { drains: true },
      );
    },
  );
}

async function serve(
  loadEngine: LoadEngine,
  options: EngineArguments,
  serverOptions: ServerOptions,
  signal: AbortSignal,
  force: AbortSignal,
): Promise<void> {
  // imported here, so that a wrong call is answered at once
  const { startServer } = await import('../server/server.js');
  const engine = await loadEngine({ ...options, signal });
  const server = await startServer(engine, serverOptions).catch(async (error: unknown) => {
    await engine.close();
    throw error;
  });
  process.stderr.write(`Linnet speaks at ${server.url}\n`);
  await aborted(signal);
  // what speaks ends with its engine, so nothing is left to drain
  force.addEventListener('abort', () => void engine.close());
  await server.close();
  if (force.aborted) {
    throw new SpeechError('CANCELLED', 'The server was stopped before its requests had ended.');
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) {
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve, { once: true });
    });
  }
}
