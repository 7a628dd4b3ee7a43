import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPackageRoot } from '../../../base/package-root.js';
import { runInterrupted } from '../../../bench/signal-runs.js';
import { startScript } from '../../helpers/command.js';

const SAMPLE = join(findPackageRoot(), 'samples', 'slt.wav');
const LONG_TEXT = 'The harbour lights came on one by one. '.repeat(500);

// what a run does at these moments depends on the machine; it must end in the same way at each
const MOMENTS_MS = [0, 60, 200, 500, 900, 1_600];

describe('linnet with the real models, when it is interrupted', () => {
  let folder: string;
  let tokens: string;
  let mp3: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'linnet-'));
    tokens = join(folder, 'slt.lnt');
    mp3 = join(folder, 'slt.mp3');
    await startScript('src/cli/main.js', ['encode', SAMPLE, '-o', tokens]).result;
    await startScript('src/cli/main.js', ['decode', tokens, '-o', mp3]).result;
  }, 60_000);
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it.each(MOMENTS_MS)(
    'speaks no further after two signals at %i ms',
    async (afterMs) => {
      const args = ['speak', LONG_TEXT, '-o', 'out.mp3', '--captions', 'out.vtt'];
      const run = { afterMs, signal: 'SIGINT', againAfterMs: 15, isForGroup: true } as const;
      const { exitCode, files, programs, stderr } = await runInterrupted(args, run);
      expect({ exitCode, files, programs, stderr }).toEqual({
        exitCode: 130,
        files: [],
        programs: [],
        stderr: '',
      });
    },
    60_000,
  );

  it.each([
    ['encode', () => ['encode', mp3, '-o', 'out.lnt']],
    ['decode', () => ['decode', tokens, '-o', 'out.mp3']],
  ])(
    'ends %s with 143 after SIGTERM',
    async (_, args) => {
      // early enough for the fastest machine, and late enough for modules and models to be loading
      for (const afterMs of [80, 250]) {
        const run = { afterMs, signal: 'SIGTERM', isForGroup: false } as const;
        const { exitCode, files, programs } = await runInterrupted(args(), run);
        expect({ exitCode, files, programs }).toEqual({ exitCode: 143, files: [], programs: [] });
      }
    },
    60_000,
  );

  it('leaves nothing among the temporary files after a whole run', async () => {
    const { exitCode, files } = await runInterrupted(['encode', SAMPLE, '-o', tokens], undefined);
    expect({ exitCode, files }).toEqual({ exitCode: 0, files: [] });
  }, 60_000);
});
