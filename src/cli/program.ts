import { Command } from 'commander';
import { readPackageVersion } from '../../base/package-root.js';
import type { LoadEngine } from './load-engine.js';

type Entry = {
  name: string;
  description: string;
  /** Imports the command's module, which only that command needs. */
  load: (loadEngine: LoadEngine) => Promise<Command>;
};

const COMMANDS: readonly Entry[] = [
  {
    name: 'speak',
    description: 'speak a text into a file or to standard output',
    load: async (loadEngine) => (await import('./speak-command.js')).speakCommand(loadEngine),
  },
  {
    name: 'phones',
    description: 'show what would be said: words, phones, and where each comes from',
    load: async () => (await import('./phones-command.js')).phonesCommand(),
  },
  {
    name: 'voices',
    description: 'list the voices, with what taught each and a sample of it',
    load: async () => (await import('./voices-command.js')).voicesCommand(),
  },
  {
    name: 'serve',
    description: 'serve speech over HTTP: an OpenAI-compatible endpoint and a page',
    load: async (loadEngine) => (await import('./serve-command.js')).serveCommand(loadEngine),
  },
  {
    name: 'encode',
    description: 'encode audio into codec tokens (.lnt)',
    load: async (loadEngine) => (await import('./encode-command.js')).encodeCommand(loadEngine),
  },
  {
    name: 'decode',
    description: 'decode codec tokens (.lnt) into audio',
    load: async (loadEngine) => (await import('./decode-command.js')).decodeCommand(loadEngine),
  },
  {
    name: 'spectrogram',
    description: 'draw audio or codec tokens: time, frequency and level (PNG)',
    load: async (loadEngine) =>
      (await import('./spectrogram-command.js')).spectrogramCommand(loadEngine),
  },
  {
    name: 'compare',
    description: 'compare audio with what a codec made of it, in numbers and as a picture',
    load: async (loadEngine) => (await import('./compare-command.js')).compareCommand(loadEngine),
  },
  {
    name: 'export-decoder',
    description: 'write a decoder for browsers: decoder.onnx, decoder.json and decoder.tables',
    load: async () => (await import('./export-decoder-command.js')).exportDecoderCommand(),
  },
  {
    name: 'info',
    description: 'show what token files (.lnt) say of themselves',
    load: async () => (await import('./inspect-commands.js')).infoCommand(),
  },
  {
    name: 'verify',
    description: 'read token files (.lnt) through and tell which are damaged',
    load: async () => (await import('./inspect-commands.js')).verifyCommand(),
  },
  {
    name: 'manifest',
    description: 'join the manifests of several runs of encode or decode',
    load: async () => (await import('./manifest-command.js')).manifestCommand(),
  },
  {
    name: 'bench',
    description: 'measure a server as its clients see it: first audio, underruns, how many at once',
    load: async () => (await import('./bench-command.js')).benchCommand(),
  },
];

/**
 * Makes the `linnet` command. Only the modules of commands that are named in the arguments are
 * imported, so that help, the version and a list come at once.
 *
 * @param loadEngine - Loads the engine for the commands that need it.
 * @param args - The arguments after the program's name; without them all commands are complete.
 * @returns The program; it throws instead of ending the process.
 */
export async function createProgram(
  loadEngine: LoadEngine,
  args?: readonly string[],
): Promise<Command> {
  const program = new Command('linnet')
    .description('text to speech and a neural audio codec, on this machine')
    .version(readPackageVersion())
    .showHelpAfterError('(try --help)')
    // commands whose modules were not imported have no options and arguments to show
    .configureHelp({ subcommandTerm: (command) => command.name() });
  for (const { name, description, load } of COMMANDS) {
    const isNamed = args === undefined || args.includes(name);
    const command = isNamed ? await load(loadEngine) : new Command(name);
    program.addCommand(command.description(description));
  }
  for (const command of [program, ...program.commands]) {
    command.exitOverride();
  }
  return program;
}
