import { Command } from 'commander';
import { readPackageVersion } from '../../base/package-root.js';
import { decodeCommand, encodeCommand } from './codec-commands.js';
import type { LoadEngine } from './load-engine.js';
import { phonesCommand } from './phones-command.js';
import { serveCommand } from './serve-command.js';
import { speakCommand } from './speak-command.js';
import { voicesCommand } from './voices-command.js';

/**
 * Makes the `linnet` command.
 *
 * @param loadEngine - Loads the engine for the commands that need it.
 * @returns The program; it throws instead of ending the process.
 */
export function createProgram(loadEngine: LoadEngine): Command {
  const program = new Command('linnet')
    .description('text to speech and a neural audio codec, on this machine')
    .version(readPackageVersion())
    .showHelpAfterError('(try --help)');
  const commands = [
    speakCommand,
    phonesCommand,
    voicesCommand,
    serveCommand,
    encodeCommand,
    decodeCommand,
  ];
  for (const makeCommand of commands) {
    program.addCommand(makeCommand(loadEngine));
  }
  for (const command of [program, ...program.commands]) {
    command.exitOverride();
  }
  return program;
}
