import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import wavefile from 'wavefile';
import { readLnt } from '../../../codecs/lnt/lnt-file.js';
import { readManifest, type ManifestEntry } from '../../../src/batch/manifest.js';
import { readWav } from '../../../src/audio/wav-reader.js';
import { largestDifference } from '../../helpers/chunks.js';
import { startScript } from '../../helpers/command.js';
import { sine } from '../../helpers/tones.js';

const SCRIPT = 'test/helpers/tone-cli.js';
const OLD = new Date('2020-01-01');

describe('linnet encode and decode of many files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'linnet-batch-'));
    mkdirSync(join(folder, 'in/deep'), { recursive: true });
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const run = (...args: string[]) => startScript(SCRIPT, args, { cwd: folder }).result;
  const at = (name: string) => join(folder, name);

  function writeTone(name: string, numSamples: number, frequency = 440): Float32Array {
    const tone = sine(numSamples, frequency);
    const wav = new wavefile.WaveFile();
    wav.fromScratch(1, 24_000, '32f', tone);
    writeFileSync(at(name), wav.toBuffer());
    return tone;
  }

  /** All files below the folder, hidden ones too. */
  function tree(): string[] {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .sort();
  }

  it('mirror a folder, tell of every file, and fail if one does', async () => {
    // short ones of different lengths, and one that is encoded as it is read
    const tones = new Map(
      [1, 5_000, 5_100, 31 * 24_000 + 7].map((length, index) => {
        const name = `${index === 2 ? 'deep/' : ''}${index}.wav`;
        return [name, writeTone(`in/${name}`, length, 300 + 50 * index)] as const;
      }),
    );
    writeFileSync(at('in/deep/broken.mp3'), 'no audio at all');
    writeFileSync(at('in/notes.txt'), 'left alone');
    const options = ['-o', 'out', '--manifest', 'm.jsonl', '--json', '--tag', 'source=test'];
    const encoded = await run('encode', 'in', ...options);
    expect(encoded.code).toBe(1);
    expect(encoded.stderr).toMatch(/^error: AUDIO_INVALID: in\/deep\/broken\.mp3 cannot be read/);
    expect(encoded.stderr).toMatch(/4 files, 31\.4 s of audio in .*; 1 failed\n$/);
    const entries = await readManifest(at('m.jsonl'));
    const lines = encoded.stdout.toString().trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as ManifestEntry)).toEqual(entries);
    expect(entries.map(({ output }) => output).sort()).toEqual([
      'out/0.wav.lnt',
      'out/1.wav.lnt',
      'out/3.wav.lnt',
      'out/deep/2.wav.lnt',
      'out/deep/broken.mp3.lnt',
    ]);
    for (const entry of entries.filter(({ status }) => status !== 'failed')) {
      const name = entry.input.slice('in/'.length);
      const bytes = readFileSync(at(entry.output));
      const file = readLnt(bytes);
      expect(file.numSamples).toBe(tones.get(name)!.length);
      expect(file.tags).toEqual({ source: 'test' });
      expect(entry).toEqual({
        input: `in/${name}`,
        output: `out/${name}.lnt`,
        status: 'encoded',
        durationSeconds: file.numSamples / 24_000,
        numBytes: bytes.length,
        codec: 'samples',
        levels: 8,
        weightsHash: file.weightsHash,
      });
    }
    const failure = entries.find(({ status }) => status === 'failed');
    expect(failure!.error!.code).toBe('AUDIO_INVALID');
    const decoded = await run('decode', 'out/**/*.lnt', '-o', 'back', '--jobs', '3');
    expect([decoded.code, decoded.stdout.length]).toEqual([0, 0]);
    for (const [name, tone] of tones) {
      const { samples } = readWav(readFileSync(at(`back/${name}.lnt.wav`)));
      expect(samples).toHaveLength(tone.length);
      expect(largestDifference(samples, tone)).toBeLessThan(1.1e-3);
    }
    expect(tree().filter((name) => name.endsWith('.part'))).toEqual([]);
  }, 60_000);

  it('go on where they were, by what the files hold', async () => {
    for (const name of ['a', 'b', 'c', 'd']) {
      writeTone(`in/${name}.wav`, 9_000);
    }
    await run('encode', 'in', '-o', 'out');
    const before = tree();
    const bytes = readFileSync(at('out/a.wav.lnt'));
    for (const name of before.filter((each) => each.startsWith('out/'))) {
      utimesSync(at(name), OLD, OLD);
    }
    // half a file, one that is damaged, and what a process that was killed left
    writeFileSync(at('out/a.wav.lnt'), bytes.subarray(0, 400));
    const damaged = Buffer.from(bytes);
    damaged[300]! ^= 1;
    writeFileSync(at('out/b.wav.lnt'), damaged);
    const dead = startScript(SCRIPT, ['voices'], { cwd: folder });
    await dead.result;
    const host = /([0-9a-f]{8})-\d+-/;
    const { temporaryPathOf } = await import('../../../src/files/temporary-files.js');
    const ours = temporaryPathOf(at('out/c.wav.lnt'));
    const leftover = ours.replace(`-${process.pid}-`, `-${dead.child.pid}-`);
    const elsewhere = leftover.replace(
      host,
      (_, hash: string) => `${hash === '00000000' ? '11111111' : '00000000'}-${dead.child.pid}-`,
    );
    for (const path of [ours, leftover, elsewhere]) {
      writeFileSync(path, 'half');
    }
    const refused = await run('encode', 'in', '-o', 'out');
    expect(refused.code).toBe(1);
    expect(refused.stderr.match(/^error: FILE_WRITE_FAILED: .* exists already/gm)).toHaveLength(4);
    const planned = await run('encode', 'in', '-o', 'out', '--resume', '--dry-run');
    expect(planned.stdout.toString()).toMatch(/^there: in\/a\.wav -> out\/a\.wav\.lnt\n/);
    const resumed = await run('encode', 'in', '-o', 'out', '--resume');
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).toMatch(/^2 files, .*; 2 were there\n$/);
    for (const name of ['a', 'b', 'c', 'd']) {
      expect(readFileSync(at(`out/${name}.wav.lnt`)).equals(bytes)).toBe(true);
      const isOld = statSync(at(`out/${name}.wav.lnt`)).mtime.getTime() === OLD.getTime();
      expect(isOld).toBe(name > 'b');
    }
    // files of living processes and of other machines are not touched
    const parts = tree().filter((name) => name.endsWith('.part'));
    expect(parts.map(at).sort()).toEqual([ours, elsewhere].sort());
    parts.forEach((name) => {
      rmSync(at(name));
    });
    expect(tree()).toEqual(before);
    // other levels are another result
    const fewer = await run('encode', 'in', '-o', 'out', '--resume', '--levels', '2');
    expect(fewer.stderr).toMatch(/^4 files/);
    const again = await run('encode', 'in', '-o', 'out', '--overwrite');
    expect(again.stderr).toMatch(/^4 files/);
    await run('decode', 'out', '-o', 'back');
    writeFileSync(
      at('back/a.wav.lnt.wav'),
      readFileSync(at('back/a.wav.lnt.wav')).subarray(0, 999),
    );
    const redone = await run('decode', 'out', '-o', 'back', '--resume');
    expect(redone.stderr).toMatch(/^1 files, .*; 3 were there\n$/);
  }, 60_000);

  it('take parts of all files, which manifests join again', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `${index}.wav`);
    for (const name of names) {
      writeTone(`in/${name}`, 100);
    }
    writeFileSync(at('list'), names.map((name) => `in/${name}`).join('\n'));
    for (const shard of ['1/3', '2/3', '3/3']) {
      const manifest = `m${shard[0]}.jsonl`;
      const options = ['--shard', shard, '--manifest', manifest, '-o', 'out'];
      expect((await run('encode', '--files-from', 'list', ...options)).code).toBe(0);
    }
    expect(tree().filter((name) => name.startsWith('out/'))).toEqual(
      names.map((name) => `out/in/${name}.lnt`).sort(),
    );
    const merged = await run('manifest', 'merge', 'm1.jsonl', 'm2.jsonl', 'm3.jsonl', '-o', 'm');
    expect(merged.stderr).toBe('12 files, 0 of them failed, of 12 entries\n');
    const entries = await readManifest(at('m'));
    expect(entries.map(({ output }) => output)).toEqual(
      names.map((name) => `out/in/${name}.lnt`).sort(),
    );
    for (const shard of ['0/3', '4/3', 'x', '1/0']) {
      expect((await run('encode', 'in', '--shard', shard)).code).toBe(2);
    }
  }, 60_000);

  it('name what contradicts itself, and leave nothing', async () => {
    writeTone('in/a.wav', 100);
    copyFileSync(at('in/a.wav'), at('in/deep/a.wav'));
    const cases: [number, RegExp, ...string[]][] = [
      [
        2,
        /OPTION_INVALID: in\/a\.wav and in\/deep\/a\.wav would both become out\/a\.wav\.lnt/,
        'in/a.wav',
        'in/deep/a.wav',
        '-o',
        'out',
      ],
      [2, /OPTION_INVALID: - stands for standard/, 'in', '-', '-o', 'out'],
      [2, /OPTION_INVALID: - stands for standard/, 'in', '-o', '-'],
      [2, /OPTION_INVALID: --json is for files/, 'in/a.wav', '-o', '-', '--json'],
      [2, /cannot be used with option/, 'in', '--resume', '--overwrite'],
      [2, /OPTION_INVALID: There is no audio file/],
      [2, /OPTION_INVALID: numCodebooks is 9/, 'in', '-o', 'out', '--levels', '9'],
      [1, /FILE_NOT_FOUND: No file matches in\/\*\.flac/, 'in/*.flac'],
      [1, /FILE_NOT_FOUND/, '--files-from', 'nothing', '-o', 'out'],
      [
        1,
        /FILE_WRITE_FAILED: none\/m cannot be written/,
        'in',
        '-o',
        'out',
        '--manifest',
        'none/m',
      ],
      [1, /FILE_WRITE_FAILED/, 'in', '-o', 'in/a.wav/out'],
      [2, /NAME=VALUE/, 'in', '--tag', 'x'],
    ];
    const before = tree();
    for (const [code, message, ...args] of cases) {
      const result = await run('encode', ...args);
      expect(result.stderr).toMatch(message);
      expect(result.code).toBe(code);
      expect(tree()).toEqual(before);
    }
  }, 60_000);

  it('are looked into by info and verify', async () => {
    writeTone('in/a.wav', 60_000);
    await run('encode', 'in', '-o', 'out', '--tag', 'voice=a', '--tag', 'synthetic=true');
    const info = await run('info', 'out', '--json');
    expect(JSON.parse(info.stdout.toString())).toMatchObject({
      path: 'out/a.wav.lnt',
      kind: 'rvq',
      codec: 'samples',
      durationSeconds: 2.5,
      numBlocks: 3,
      numBytes: statSync(at('out/a.wav.lnt')).size,
      tags: { voice: 'a', synthetic: true },
    });
    expect((await run('info', 'out')).stdout.toString()).toMatch(
      /^ {2}length {9}2\.500 s at 24000 Hz\n[^]*^ {2}tag synthetic {2}true\n/m,
    );
    expect((await run('verify', 'out')).stdout.toString()).toBe('sound: out/a.wav.lnt: 2.50 s\n');
    const bytes = readFileSync(at('out/a.wav.lnt'));
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(at('out/b.lnt'), bytes);
    writeFileSync(at('out/c.lnt'), bytes.subarray(0, 10));
    const verified = await run('verify', 'out', '--json');
    expect(verified.code).toBe(1);
    const checks = verified.stdout.toString().trim().split('\n');
    expect(checks.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { isSound: true, problems: [], soundSeconds: 2.5 },
      { isSound: false, problems: [{ code: 'BITSTREAM_INVALID' }], soundSeconds: 1.5 },
      { isSound: false, problems: [{ code: 'BITSTREAM_TRUNCATED' }], soundSeconds: 0 },
    ]);
    const failing = await run('info', 'out/a.wav.lnt', 'out/c.lnt');
    expect(failing.stderr).toMatch(/^error: BITSTREAM_TRUNCATED: out\/c\.lnt/);
    expect(failing.code).toBe(1);
  }, 60_000);
});
