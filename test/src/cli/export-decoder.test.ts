import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CodecKind } from '../../../codecs/contract.js';
import type { ExportedDecoder } from '../../../codecs/exported-decoder.js';
import { startScript } from '../../helpers/command.js';

describe('linnet export-decoder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'linnet-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const run = (...args: string[]) =>
    startScript('src/cli/main.js', ['export-decoder', ...args], { cwd: folder }).result;
  const describeIn = (name: string) =>
    JSON.parse(readFileSync(join(folder, name, 'decoder.json'), 'utf8')) as ExportedDecoder;
  const sizeIn = (name: string) => readFileSync(join(folder, name, 'decoder.onnx')).length;
  const hasTables = (name: string, kind: CodecKind) =>
    readFileSync(join(folder, name, 'decoder.tables')).equals(
      readFileSync(`models/codec/${kind}.tables`),
    );

  it('writes its files, of rvq with weights of 8 bits', async () => {
    const { code, stdout, stderr } = await run('-o', 'a/b');
    expect([code, stdout.toString()]).toEqual([0, '']);
    expect(stderr).toMatch(
      /^a\/b: decoder\.onnx of 3\d\.\d MB, decoder\.json and decoder\.tables, linnet-24k-rvq\n$/,
    );
    expect(readdirSync(join(folder, 'a/b')).sort()).toEqual([
      'decoder.json',
      'decoder.onnx',
      'decoder.tables',
    ]);
    expect(hasTables('a/b', 'rvq')).toBe(true);
    expect(describeIn('a/b')).toMatchObject({ kind: 'rvq', weights: 'int8', frameSize: 480 });
    expect(sizeIn('a/b')).toBeLessThan(40e6);
  });

  it('writes the other one', async () => {
    expect((await run('--codec', 'single', '--weights', 'float32', '-o', 'single')).code).toBe(0);
    expect(describeIn('single')).toMatchObject({
      kind: 'single',
      weights: 'float32',
      frameSize: 960,
    });
    expect(sizeIn('single')).toBeGreaterThan(100e6);
    expect(hasTables('single', 'single')).toBe(true);
  });

  it.each(['decoder.json', 'decoder.tables'])(
    'leaves nothing behind if %s cannot be written',
    async (name) => {
      mkdirSync(join(folder, name));
      const { code, stderr } = await run('-o', '.');
      expect([code, stderr]).toEqual([1, expect.stringContaining('FILE_WRITE_FAILED')]);
      expect(readdirSync(folder)).toEqual([name]);
    },
  );

  it('wants a folder', () => {
    const result = spawnSync(process.execPath, ['bin/linnet.js', 'export-decoder']);
    expect([result.status, result.stderr.toString()]).toEqual([
      2,
      expect.stringContaining('--output'),
    ]);
  });
});
