import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPackageRoot } from '../../../base/package-root.js';

const ROOT = findPackageRoot();
const readJson = (name: string): unknown => JSON.parse(readFileSync(join(ROOT, name), 'utf8'));

const { bin, allowScripts, files } = readJson('package.json') as {
  bin: { linnet: string };
  allowScripts: Record<string, boolean>;
  files: string[];
};
const { packages } = readJson('package-lock.json') as {
  packages: Record<string, { hasInstallScript?: true }>;
};

describe('the package', () => {
  it('has a command that can be run, whoever compiled it', () => {
    const path = join(ROOT, bin.linnet);
    // the compiler writes its files without the run bit
    expect(bin.linnet).not.toMatch(/^dist/);
    expect(files).toContain(bin.linnet.split('/')[0]);
    expect(() => {
      accessSync(path, constants.X_OK);
    }).not.toThrow();
    expect(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout).toMatch(/^\d+\.\d+/);
  });

  it('runs no install script of its packages, of which one fetches a gigabyte', () => {
    // npm from 11.16 on asks package.json, older ones run what the lockfile marks
    expect(packages['node_modules/onnxruntime-node']).toBeDefined();
    expect(packages['node_modules/onnxruntime-node']!.hasInstallScript).toBeUndefined();
    const names = Object.entries(packages)
      .filter(([, { hasInstallScript }]) => hasInstallScript === true)
      .map(([path]) => path.replace(/^.*node_modules\//, ''));
    expect(Object.keys(allowScripts).sort()).toEqual(
      [...new Set([...names, 'onnxruntime-node'])].sort(),
    );
    expect(Object.values(allowScripts)).not.toContain(true);
  });
});
