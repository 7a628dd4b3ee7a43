import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { findPackageRoot } from '../../../base/package-root.js';
import { loadEngine } from '../../../src/cli/load-engine.js';
import { createProgram } from '../../../src/cli/program.js';

const ROOT = findPackageRoot();
const DOCS = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => join('docs', name))];
const ENGINE_FLAGS = ['--device', '--precision', '--threads'];

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const flagsOf = (command: Command) =>
  command.options
    // an option may have two long names
    .flatMap(({ short, long }) => [short, long])
    .filter((flag): flag is string => flag?.startsWith('--') === true && flag !== '--version');
const flagsIn = (text: string) =>
  [...text.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([flag]) => flag);

describe('the documented options', () => {
  let commands: readonly Command[];
  beforeAll(async () => {
    commands = (await createProgram(loadEngine)).commands;
  });

  it('are those of each command, in docs/cli.md and for serve in docs/configuration.md', () => {
    const cli = read('docs/cli.md').replace(
      /^## linnet serve$/m,
      (heading) => `${heading}\n${read('docs/configuration.md').replaceAll('## ', '### ')}`,
    );
    const [head = '', ...sections] = cli.split(/^## /m);
    const documented = new Map(
      sections
        .filter((section) => section.startsWith('linnet '))
        .map((section) => [/^linnet ([\w-]+)/.exec(section)![1]!, new Set(flagsIn(section))]),
    );
    expect([...documented.keys()].sort()).toEqual(commands.map((c) => c.name()).sort());
    expect(flagsIn(head)).toEqual(expect.arrayContaining(ENGINE_FLAGS));
    for (const command of commands) {
      // the options of all that run a model stand at the head
      const own = flagsOf(command).filter((flag) => !ENGINE_FLAGS.includes(flag));
      const written = [...documented.get(command.name())!].filter((f) => !ENGINE_FLAGS.includes(f));
      expect([command.name(), ...written.sort()]).toEqual([command.name(), ...own.sort()]);
    }
  });

  it('exist, wherever a call of linnet is written', () => {
    const calls = DOCS.flatMap((path) =>
      [...read(path).matchAll(/\blinnet ([\w-]+)([^`\n|]*)/g)].flatMap(([, name, rest]) => {
        const command = commands.find((candidate) => candidate.name() === name);
        return command === undefined
          ? []
          : flagsIn(rest!).map((flag) => ({ path, call: `${name!} ${flag}`, isKnown: flagsOf(command).includes(flag) })); // prettier-ignore
      }),
    );
    expect(calls.length).toBeGreaterThan(5);
    expect(calls.filter(({ isKnown }) => !isKnown)).toEqual([]);
  });

  it('exist, wherever an option stands alone', () => {
    const known = new Set(commands.flatMap(flagsOf));
    // those of other programs and of the benchmarks
    const others =
      /(npm|docker|kubectl) [^`\n]*|^.*\bbench\b.*$|`--(runs|requests|quick|json|omit)[^`]*`/gm;
    const unknown = ['README.md', 'docs/errors.md', 'docs/http-api.md', 'docs/dictionaries.md', 'docs/configuration.md', 'docs/operating.md'].flatMap((path) => flagsIn(read(path).replace(others, '')).filter((flag) => !known.has(flag)).map((flag) => `${path}: ${flag}`)); // prettier-ignore
    expect(unknown).toEqual([]);
  });
});
