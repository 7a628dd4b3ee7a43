import { Command, Option } from 'commander';
import { SpeechError } from '../../base/errors.js';
import { resolveServerOptions, type GivenOptions, type ServerOptions } from '../server/options.js';
import {
  flagOf,
  SETTING_NAMES,
  SETTINGS,
  type Setting,
  type SettingName,
} from '../server/settings.js';
import { parseNumber } from './arguments.js';
import { withInterrupt } from './interruption.js';
import type { LoadEngine } from './load-engine.js';

/**
 * Makes `linnet serve`.
 *
 * @param loadEngine - Loads what speaks.
 * @returns The command; it ends after SIGINT or SIGTERM.
 */
export function serveCommand(loadEngine: LoadEngine): Command {
  const command = new Command('serve');
  for (const name of SETTING_NAMES) {
    command.addOption(optionOf(name));
  }
  return command.action(async (given: GivenOptions) => {
    // checked before the models are loaded
    const options = resolveServerOptions(given);
    await withInterrupt((signal, force) => serve(loadEngine, options, signal, force), {
      drains: true,
    });
  });
}

/** Has no default, since the environment and the configuration file come before that. */
function optionOf(name: SettingName): Option {
  const setting: Setting = SETTINGS[name];
  const hasDefault = setting.type === 'flag' ? false : (setting.default ?? '').toString() !== '';
  const note = hasDefault ? ` (default: ${String(setting.default)})` : '';
  const option = new Option(flagOf(name), setting.description + note);
  if (setting.type === 'number') {
    option.argParser(parseNumber(setting.range));
  }
  return setting.type === 'choice' ? option.choices(setting.choices) : option;
}

async function serve(
  loadEngine: LoadEngine,
  options: ServerOptions,
  signal: AbortSignal,
  force: AbortSignal,
): Promise<void> {
  // imported here, so that a wrong call is answered at once
  const { startServer } = await import('../server/server.js');
  const engine = await loadEngine({ ...options, signal });
  const server = await startServer(engine, options).catch(async (error: unknown) => {
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
