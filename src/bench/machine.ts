import { execFileSync } from 'node:child_process';
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';

import { env } from '../../kernels/runtime/onnxruntime.js';
import { findPackageRoot, readPackageVersion } from '../../base/package-root.js';

/** What figures were measured on, and with what. */
export type Machine = {
  cpu: string;
  /** Processor cores that this process may use. */
  cores: number;
  /** GiB. */
  memoryGib: number;
  system: string;
  node: string;
  onnxruntime: string;
  version: string;
  /** Short hash, with `+` if files differ from it; `unknown` outside a clone. */
  commit: string;
};

/** Describes this machine and this program. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    onnxruntime: env.versions.node ?? env.versions.common,
    version: readPackageVersion(),
    commit: readCommit(),
  };
}

/** Shows one line about the machine. */
export function formatMachine(machine: Machine): string {
  const { cpu, cores, memoryGib, system, node, onnxruntime, version, commit } = machine;
  return (
    `${cpu}, ${cores} cores, ${memoryGib} GiB, ${system}; ` +
    `Node ${node}, onnxruntime ${onnxruntime}, linnet ${version} at ${commit}\n`
  );
}

function readCommit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: findPackageRoot(),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    const hash = git('rev-parse', '--short', 'HEAD');
    return git('status', '--porcelain', '--untracked-files=no') === '' ? hash : `${hash}+`;
  } catch {
    return 'unknown';
  }
}
