import { Command } from 'commander';
import { addEngineOptions, type EngineArguments } from './arguments.js';
import type { LoadEngine } from './load-engine.js';

/**
 * Makes `linnet voices`.
 *
 * @param loadEngine - Loads what has the voices.
 * @returns The command.
 */
export function voicesCommand(loadEngine: LoadEngine): Command {
  const command = new Command('voices')
    .description('list the voices')
    .option('--json', 'print JSON');
  return addEngineOptions(command).action(async (options: EngineArguments & { json?: boolean }) => {
    const engine = await loadEngine({ ...options, warmUp: false });
    try {
      const { voices } = engine;
      if (options.json === true) {
        process.stdout.write(`${JSON.stringify(voices, null, 2)}\n`);
        return;
      }
      const width = Math.max(...voices.map(({ id }) => id.length));
      for (const { id, language, description } of voices) {
        process.stdout.write(`${id.padEnd(width)}  ${language}  ${description}\n`);
      }
    } finally {
      await engine.close();
    }
  });
}
