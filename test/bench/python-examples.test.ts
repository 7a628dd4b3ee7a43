import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { qualityFolder } from '../../bench/quality/python.js';

const CACHE = process.env['LINNET_JUDGES'] ?? join('node_modules', '.cache', 'linnet-judges');

/** Pythons that may have numpy: the one that is named, those of the judges, the system's. */
const CANDIDATES = [
  process.env['LINNET_PYTHON'] ?? '',
  ...['full', 'quick'].map((kind) => join(CACHE, kind, 'bin', 'python')),
  'python3',
];
const PYTHON = CANDIDATES.find(
  (program) => program !== '' && spawnSync(program, ['-c', 'import numpy']).status === 0,
);
const describeWithPython = PYTHON === undefined ? describe.skip : describe;

describeWithPython('the examples in the programs of bench/quality', () => {
  it.each(['kokoro', 'judges.silence', 'judges.warp'])('of %s are true', (name) => {
    const code = `
import doctest, importlib
result = doctest.testmod(importlib.import_module("${name}"))
raise SystemExit(0 if result.attempted > 0 and result.failed == 0 else 1)`;
    const { status, stdout } = spawnSync(PYTHON!, ['-B', '-c', code], {
      cwd: qualityFolder(),
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });
});
