import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findPackageRoot } from '../../base/package-root.js';

/** A folder of somebody who has installed this package. */
export type PackedPackage = {
  folder: string;
  /** Paths of the files that `npm pack` takes, from the package's root. */
  paths: string[];
};

/**
 * Makes a folder whose `node_modules` holds what `npm pack` takes of this package, and links to its
 * dependencies, but not to those of its development.
 *
 * @returns The folder, to be removed by the caller.
 */
export async function installPackedPackage(): Promise<PackedPackage> {
  const root = findPackageRoot();
  const { stdout } = await promisify(execFile)(
    'npm',
    ['pack', '--dry-run', '--json', '--ignore-scripts'],
    { cwd: root, maxBuffer: 2 ** 24, shell: process.platform === 'win32' },
  );
  const [pack] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  const paths = pack.files.map(({ path }) => path);
  const folder = await mkdtemp(join(tmpdir(), 'linnet-installed-'));
  const modules = join(folder, 'node_modules');
  for (const path of paths) {
    await cp(join(root, path), join(modules, 'linnet', path));
  }
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(manifest.dependencies)) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(root, 'node_modules', name), join(modules, name), 'junction');
  }
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  return { folder, paths };
}
