import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { findPackageRoot } from '../../base/package-root.js';

/** The system's Python, and the one that the benchmark of quality made for itself. */
const PROGRAMS = [
  'python3',
  join(findPackageRoot(), 'node_modules/.cache/linnet-judges/quick/bin/python'),
];

/**
 * Finds a Python.
 *
 * @param modules - What it must have, such as "json, numpy".
 * @returns The program, or undefined if there is none.
 */
export function findPython(modules: string): string | undefined {
  return PROGRAMS.find((program) => spawnSync(program, ['-c', `import ${modules}`]).status === 0);
}

/**
 * Runs a program in Python.
 *
 * @param python - What {@link findPython} gave.
 * @param args - Its arguments.
 * @returns How it ended.
 */
export function runPython(
  python: string,
  args: readonly string[],
): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(python, args, { encoding: 'utf8' });
  return { code: status, stdout, stderr };
}
