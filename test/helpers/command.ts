import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** How a program ended. */
export type Result = { code: number; stdout: Buffer; stderr: string };

/** A program that is running. */
export type Running = { child: ChildProcess; result: Promise<Result> };

/**
 * Starts a compiled program of this package with the running Node.
 *
 * @param script - The program's path below `dist/`, such as `src/cli/main.js`.
 * @param args - Its arguments.
 * @param options - `input`: what it reads, else nothing; `cwd`; `env` is added to the environment.
 * @returns The process, and a promise of its end.
 */
export function startScript(
  script: string,
  args: string[],
  options: { input?: string | Uint8Array; cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Running {
  const path = fileURLToPath(new URL(`../../${script}`, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
  });
  const stdout: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes));
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const result = once(child, 'close').then(([code]) => ({
    code: code as number,
    stdout: Buffer.concat(stdout),
    stderr,
  }));
  return { child, result };
}
