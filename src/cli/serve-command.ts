import { Command } from 'commander';
import { resolveServerOptions, type ServerOptions } from '../server/options.js';
import { addEngineOptions, type EngineArguments } from './arguments.js';
import { addDictionaryOption } from './dictionary-option.js';
import type { LoadEngine } from './load-engine.js';
import { withInterrupt } from './run.js';

/**
 * Makes `linnet serve`.
 *
 * @param loadEngine - Loads what speaks.
 * @returns The command; it ends after SIGINT or SIGTERM.
 */
export function serveCommand(loadEngine: LoadEngine): Command {
  const command = new Command('serve')
    .description('serve speech over HTTP: an OpenAI-compatible endpoint and a page')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--port <n>', 'TCP port, 0 for a free one (default: 8080)')
    .option('--api-key <key>', 'ask clients for this key; better set LINNET_API_KEY')
    .option('--cors-origins <origins...>', 'web origins that may call the server, or "*"')
    .option('--max-input <n>', 'longest text in characters (default: 4096)')
    .option('--max-running <n>', 'requests that speak at the same time (default: 16)')
    .option('--max-waiting <n>', 'requests that wait for their turn (default: 32)')
    .option('--max-paused <n>', 'responses whose clients do not read (default: 64)')
    .option('--stall-timeout-ms <n>', 'break off clients that stop reading (default: 120000)')
    .option('--drain-timeout-ms <n>', 'time for running requests at the end (default: 30000)')
    .option('--log-level <level>', 'trace, debug, info, warn, error or silent (default: info)');
  addDictionaryOption(command);
  return addEngineOptions(command).action(
    async (options: EngineArguments & Partial<Record<keyof ServerOptions, unknown>>) => {
      // checked before the models are loaded
      const serverOptions = resolveServerOptions(options);
      await withInterrupt(async (signal) => {
        // imported here, since it doubles the time that the other commands need to start
        const { startServer } = await import('../server/server.js');
        const engine = await loadEngine(options);
        const server = await startServer(engine, serverOptions).catch(async (error: unknown) => {
          await engine.close();
          throw error;
        });
        process.stderr.write(`Linnet speaks at ${server.url}\n`);
        if (!signal.aborted) {
          await new Promise<void>((resolve) => {
            signal.addEventListener('abort', () => {
              resolve();
            });
          });
        }
        await server.close();
      });
    },
  );
}
