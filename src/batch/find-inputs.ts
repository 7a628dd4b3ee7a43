import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, isAbsolute, join, normalize, parse, relative, resolve, sep } from 'node:path';
import { escapePath, glob, isDynamicPattern } from 'tinyglobby';
import { SpeechError } from '../../base/errors.js';

/** A file that shall be worked on. */
export type FoundInput = {
  /** Where it lies. */
  path: string;
  /** What it is called in the folder of results: a path below it. */
  name: string;
};

/** Settings of {@link findInputs}. */
export type FindOptions = {
  /** Extensions of the files that are taken from directories, in lower case with their dot. */
  extensions: readonly string[];
  /** What they are called, for errors, such as "audio". */
  kind: string;
  /** A file that lists more of them, or standard input. */
  list?: string | AsyncIterable<Uint8Array>;
  /** Whether the list's names end with a zero byte, instead of a line's end. */
  hasZeros?: boolean;
};

/**
 * Finds the files that arguments stand for: files by themselves, directories with everything in them and below, patterns
 * (`*`, `**`, `?`, `[]`, `{}`), and those of a list. Hidden files are left out unless they are named.
 *
 * @param args - The arguments.
 * @param options - See {@link FindOptions}.
 * @returns The files, in the order of the arguments, sorted within each; those below a directory or a pattern keep their
 * path from there.
 * @throws {SpeechError} `FILE_NOT_FOUND` if a pattern or directory has no such file; `OPTION_INVALID` if there is
 * nothing at all. What does not exist is found all the same: it fails by itself.
 */
export async function findInputs(
  args: readonly string[],
  options: FindOptions,
): Promise<FoundInput[]> {
  const found: FoundInput[] = [];
  for (const arg of args) {
    for (const input of await expand(arg, options)) {
      found.push(input);
    }
  }
  if (options.list !== undefined) {
    for await (const path of readList(options.list, options.hasZeros === true ? '\0' : '\n')) {
      found.push({ path, name: nameOf(path) });
    }
  }
  if (found.length === 0) {
    throw new SpeechError('OPTION_INVALID', `There is no ${options.kind} file to work on.`);
  }
  return found;
}

async function expand(arg: string, { extensions, kind }: FindOptions): Promise<FoundInput[]> {
  const stats = await stat(arg).catch(() => undefined);
  if (stats?.isDirectory() === true) {
    const names = await glob('**/*', { cwd: arg, expandDirectories: false });
    return sorted(
      names.filter((name) => extensions.includes(parse(name).ext.toLowerCase())),
      arg,
      `${arg} holds no ${kind} file (${extensions.join(', ')}).`,
    );
  }
  // a file may have any name, also one that looks like a pattern
  if (stats !== undefined || !isDynamicPattern(arg)) {
    return [{ path: arg, name: basename(arg) }];
  }
  const folder = fixedPartOf(arg);
  const names = await glob(arg.slice(folder.length).replace(/^\//, ''), {
    cwd: folder === '' ? '.' : folder,
    expandDirectories: false,
  });
  return sorted(names, folder, `No file matches ${arg}.`);
}

function sorted(names: readonly string[], folder: string, otherwise: string): FoundInput[] {
  if (names.length === 0) {
    throw new SpeechError('FILE_NOT_FOUND', otherwise);
  }
  return [...names].sort().map((name) => ({ path: join(folder, name), name }));
}

/** The folder that a pattern begins with: what stands before the first segment with anything special in it. */
function fixedPartOf(pattern: string): string {
  const segments = pattern.split('/');
  const first = segments.findIndex((segment) => escapePath(segment) !== segment);
  return segments.slice(0, first).join('/') || (pattern.startsWith('/') ? '/' : '');
}

/** A listed path keeps its folders, from the current one or, elsewhere, from the root on. */
function nameOf(path: string): string {
  const below = relative('.', path);
  const isOutside = below === '' || below.startsWith(`..${sep}`) || isAbsolute(below);
  const absolute = resolve(path);
  return normalize(isOutside ? absolute.slice(parse(absolute).root.length) : below);
}

async function* readList(
  list: string | AsyncIterable<Uint8Array>,
  separator: string,
): AsyncGenerator<string, void, undefined> {
  const bytes = typeof list === 'string' ? createReadStream(list) : list;
  const decoder = new TextDecoder();
  let rest = '';
  for await (const part of bytes as AsyncIterable<Uint8Array>) {
    const names = (rest + decoder.decode(part, { stream: true })).split(separator);
    rest = names.pop()!;
    yield* names.map(withoutReturn).filter((name) => name !== '');
  }
  if (withoutReturn(rest) !== '') {
    yield withoutReturn(rest);
  }
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
