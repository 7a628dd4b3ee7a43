import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findPackageRoot } from '../../base/package-root.js';
import { runTool } from './tools.js';

/** Which judges are wanted: `quick` only recognises words, with a small model. */
export type JudgeKind = 'quick' | 'full';

/** A Python that has what the judges need. */
export type JudgePython = {
  program: string;
  /** Folder for weights, the teacher's speech and its scores; they outlive a run. */
  cache: string;
};

const MISSING_CODE = 3;
const STAMP = 'requirements.sha256';
const HINT_PYTHON = 'Python 3.10 or newer with its venv module: apt-get install python3-venv';
const HINT_PACKAGES =
  'bench/quality/requirements*.txt name the packages; LINNET_PYTHON names a Python that has them';

/**
 * Finds or makes the Python of the judges: the one that `LINNET_PYTHON` names, else a virtual
 * environment in `LINNET_JUDGES` (default `node_modules/.cache/linnet-judges`), which is made anew
 * when the requirements have changed.
 *
 * @param kind - The full judges need torch, a few gigabytes on some systems.
 * @throws {ToolMissing} Without Python; an `Error` if the packages cannot be installed.
 */
export async function preparePython(kind: JudgeKind): Promise<JudgePython> {
  const cache = cacheFolder();
  await mkdir(cache, { recursive: true });
  const chosen = process.env['LINNET_PYTHON'];
  if (chosen !== undefined && chosen !== '') {
    return { program: chosen, cache };
  }
  // whoever has all judges has those of --quick
  const kinds: JudgeKind[] = kind === 'full' ? ['full'] : ['full', 'quick'];
  for (const ready of kinds) {
    if (await isReady(join(cache, ready), ready)) {
      return { program: pythonIn(join(cache, ready)), cache };
    }
  }
  const folder = join(cache, kind);
  process.stderr.write(`installing the judges in ${folder}\n`);
  await rm(folder, { recursive: true, force: true });
  await runTool('python3', ['-m', 'venv', folder], HINT_PYTHON);
  const program = pythonIn(folder);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  for (const { path, hasDeps } of requirementFiles(kind)) {
    const args = [...pip, ...(hasDeps ? [] : ['--no-deps']), '-r', path];
    await runTool(program, args, 'pip could not install the judges');
  }
  await writeFile(join(folder, STAMP), await requirementsHash(kind));
  return { program, cache };
}

/**
 * Runs one of the Python programs of this folder on a job and returns its answer.
 *
 * @param python - See {@link preparePython}.
 * @param name - Such as `judge.py`; it gets the paths of the job and of the answer.
 * @param job - Anything that JSON can hold.
 * @param folder - For temporary files.
 * @returns The answer.
 * @throws {ToolMissing} If the Python or a package is missing.
 */
export async function runPython<T>(
  python: JudgePython,
  name: string,
  job: unknown,
  folder: string,
): Promise<T> {
  const paths = ['job', 'answer'].map((what) => join(folder, `${name}.${what}.json`)) as [
    string,
    string,
  ];
  await writeFile(paths[0], JSON.stringify(job));
  const program = join(qualityFolder(), name);
  await runTool(python.program, [program, ...paths], HINT_PACKAGES, MISSING_CODE);
  return JSON.parse(await readFile(paths[1], 'utf8')) as T;
}

/** @returns The folder of the programs and sentences, where the sources are. */
export function qualityFolder(): string {
  return join(findPackageRoot(), 'bench', 'quality');
}

function cacheFolder(): string {
  const chosen = process.env['LINNET_JUDGES'];
  return chosen === undefined || chosen === ''
    ? join(findPackageRoot(), 'node_modules', '.cache', 'linnet-judges')
    : resolve(chosen);
}

function requirementFiles(kind: JudgeKind): { path: string; hasDeps: boolean }[] {
  const names =
    kind === 'quick'
      ? ['requirements-quick.txt']
      : ['requirements-quick.txt', 'requirements.txt', 'requirements-no-deps.txt'];
  return names.map((name) => ({
    path: join(qualityFolder(), name),
    hasDeps: name !== 'requirements-no-deps.txt',
  }));
}

async function requirementsHash(kind: JudgeKind): Promise<string> {
  const hash = createHash('sha256');
  for (const { path } of requirementFiles(kind)) {
    hash.update(await readFile(path));
  }
  return hash.digest('hex');
}

async function isReady(folder: string, kind: JudgeKind): Promise<boolean> {
  const stamp = join(folder, STAMP);
  return existsSync(stamp) && (await readFile(stamp, 'utf8')) === (await requirementsHash(kind));
}

function pythonIn(folder: string): string {
  return process.platform === 'win32'
    ? join(folder, 'Scripts', 'python.exe')
    : join(folder, 'bin', 'python');
}
