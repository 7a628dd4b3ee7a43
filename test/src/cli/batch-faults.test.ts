import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findPackageRoot } from '../../../base/package-root.js';
import { toS16Bytes } from '../../../src/audio/pcm.js';
import { readAudioFile } from '../../../src/audio/read-audio.js';
import { makeWavHeader } from '../../../src/audio/wav-header.js';
import { mergeManifests, readManifest } from '../../../src/batch/manifest.js';
import { startScript } from '../../helpers/command.js';

const SCRIPT = 'src/cli/main.js';
const SAMPLE = join(findPackageRoot(), 'samples', 'slt.wav');
const BYTES_PER_SECOND = 48_000;
/** A file system of memory counts in pages of so many bytes; the tokens of a second are less than one. */
const PAGE_BYTES = 4096;

describe('linnet encode of many files with the real codec', () => {
  let folder: string;
  let speech: Buffer;
  beforeAll(async () => {
    speech = Buffer.from(toS16Bytes(await readAudioFile(SAMPLE)));
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'linnet-faults-'));
    mkdirSync(at('in'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const at = (name: string) => join(folder, name);
  const start = (...args: string[]) => startScript(SCRIPT, args, { cwd: folder });

  /** Recordings that all sound different. */
  function writeRecordings(seconds: readonly number[]): void {
    for (const [index, length] of seconds.entries()) {
      const numBytes = length * BYTES_PER_SECOND;
      const whole = Buffer.alloc(numBytes + BYTES_PER_SECOND, speech);
      const samples = whole.subarray(2_000 * index, 2_000 * index + numBytes);
      writeFileSync(at(`in/${index}.wav`), Buffer.concat([makeWavHeader(numBytes), samples]));
    }
  }

  /** The files in a folder, by name; unfinished ones too. */
  function contents(name: string): Record<string, string> {
    const names = readdirSync(at(name)).sort();
    return Object.fromEntries(
      names.map((each) => [each, readFileSync(at(`${name}/${each}`)).toString('base64')]),
    );
  }

  async function encodeUndisturbed(): Promise<Record<string, string>> {
    const { code, stderr } = await start('encode', 'in', '-o', 'right').result;
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^\d+ files, /)]);
    return contents('right');
  }

  const mounted = canMount();
  (mounted ? it : it.skip)(
    'ends when the disk is full, keeps what is whole and goes on later (skipped where nothing can be mounted)',
    async () => {
      writeRecordings([1, 1, 1, 1, 1, 1]);
      const right = await encodeUndisturbed();
      mkdirSync(at('out'));
      mount('-t', 'tmpfs', '-o', `size=${3 * PAGE_BYTES}`, 'linnet-test', at('out'));
      try {
        const args = ['encode', 'in', '-o', 'out', '--manifest', 'm.jsonl', '--resume'];
        const full = await start(...args, '--jobs', '1').result;
        expect(full.code).toBe(1);
        expect(full.stderr).toMatch(/^3 files, .*; 3 are left, for --resume\n/);
        expect(full.stderr).toMatch(/error: FILE_WRITE_FAILED: out\/3\.wav\.lnt .* disk is full\.\n$/); // prettier-ignore
        const whole = Object.entries(right).slice(0, 3);
        expect(contents('out')).toEqual(Object.fromEntries(whole));
        expect(await readManifest(at('m.jsonl'))).toHaveLength(3);
        mount('-o', `remount,size=${100 * PAGE_BYTES}`, at('out'));
        const { code, stderr } = await start(...args).result;
        expect([code, stderr]).toEqual([0, expect.stringMatching(/^3 files, .*; 3 were there\n$/)]);
        expect(contents('out')).toEqual(right);
      } finally {
        spawnSync('umount', [at('out')]);
      }
    },
    120_000,
  );

  it('ends with 130 after SIGINT, leaves nothing half and goes on later', async () => {
    // one that takes long, and many that are done meanwhile
    writeRecordings([120, ...new Array<number>(8).fill(20)]);
    const right = await encodeUndisturbed();
    const args = ['encode', 'in', '-o', 'out', '--manifest', 'm.jsonl', '--resume', '--jobs', '2'];
    const { child, result } = start(...args);
    const names = () => (existsSync(at('out')) ? readdirSync(at('out')) : []);
    const isInWork = () =>
      names().some((name) => name.endsWith('.lnt')) &&
      names().some((name) => name.startsWith('.0.wav.lnt.') && name.endsWith('.part'));
    while (!isInWork() && child.exitCode === null) {
      await sleep(5);
    }
    child.kill('SIGINT');
    const { code, stderr } = await result;
    expect(code).toBe(130);
    expect(stderr).toMatch(/; \d+ are left, for --resume\n$/);
    const done = contents('out');
    expect(right).toMatchObject(done);
    expect(Object.keys(done)).not.toContain('0.wav.lnt');
    const again = await start(...args).result;
    expect(again.code).toBe(0);
    expect(contents('out')).toEqual(right);
    const entries = mergeManifests([await readManifest(at('m.jsonl'))]);
    expect(entries.map(({ output }) => output).sort()).toEqual(
      Object.keys(right).map((name) => `out/${name}`),
    );
  }, 240_000);

  it.each([[[]], [['--resume']], [['--overwrite']]])(
    'shares a folder with another run at the same time, options: %j',
    async (options) => {
      writeRecordings([40, 5, 1, 33, 9, 2, 17, 3]);
      const right = await encodeUndisturbed();
      const runs = ['a', 'b'].map(
        (name) => start('encode', 'in', '-o', 'out', '--manifest', name, ...options).result,
      );
      const results = await Promise.all(runs);
      expect(contents('out')).toEqual(right);
      const entries = [...(await readManifest(at('a'))), ...(await readManifest(at('b')))];
      expect(entries).toHaveLength(2 * Object.keys(right).length);
      const failures = entries.filter(({ status }) => status === 'failed');
      if (options.length > 0) {
        expect(results.map(({ code }) => code)).toEqual([0, 0]);
        expect(failures).toEqual([]);
      } else {
        // whoever comes second finds the file in its place
        expect(failures.map(({ error }) => error!.message).sort()).toEqual(
          Object.keys(right).map((name) => `out/${name} exists already.`),
        );
      }
    },
    240_000,
  );
});

function mount(...args: string[]): void {
  const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`mount ${args.join(' ')} failed: ${stderr}`);
  }
}

/** Whether this machine lets the tests have a file system of their own; containers mostly do not. */
function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'linnet-mount-'));
  try {
    mount('-t', 'tmpfs', '-o', `size=${PAGE_BYTES}`, 'linnet-test', folder);
    return spawnSync('umount', [folder]).status === 0;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
