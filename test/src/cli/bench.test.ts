import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startScript } from '../../helpers/command.js';

const bench = (...args: string[]) =>
  startScript('src/cli/main.js', ['bench', 'server', ...args]).result;

describe('linnet bench server', () => {
  it('measures a server of its own, and writes the figures', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'linnet-bench-'));
    try {
      const json = join(folder, 'figures.json');
      const options = ['--streams', '1,2', '--seconds', '2', '--words-per-second', '20'];
      const { code, stdout, stderr } = await bench(...options, '--json', json);
      expect(stderr).toContain('measuring: 2 at once for 2 s');
      expect(code).toBe(0);
      const rows = stdout.toString().match(/^\| [12] .*$/gm)!;
      expect(rows).toHaveLength(2);
      expect(stdout.toString()).toContain('after the third word');
      const report = JSON.parse(readFileSync(json, 'utf8')) as { steps: object[] };
      expect(report).toMatchObject({ protocol: 'live', wordsPerSecond: 20, soak: null });
      expect(report.steps).toHaveLength(2);
      for (const step of report.steps) {
        expect(step).toMatchObject({ failures: {}, refusals: 0 });
        expect(step).not.toMatchObject({ utterances: 0 });
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 120_000);

  it('listens for crosstalk over HTTP too', async () => {
    const { code, stdout } = await bench('--crosstalk', '2', '--protocol', 'http');
    expect(stdout.toString()).toContain('Crosstalk: 0 mismatches in 2 rounds of two clients.');
    expect(code).toBe(0);
  }, 120_000);

  it('takes a share of the streams for a soak', async () => {
    const options = ['--soak', '0.02', '--streams', '2,10', '--load', '0.3'];
    const { code, stdout } = await bench(...options);
    expect(stdout.toString()).toMatch(/^\| clients at a time +\| 3 +\|$/m);
    expect(stdout.toString()).toMatch(/^\| places not given back +\| 0 +\|$/m);
    expect(code).toBe(0);
  }, 120_000);

  it.each([
    [['--streams', '1,0'], 2, 'integers from 1 to 4096'],
    [['--url', 'ws://localhost'], 2, 'an address such as'],
    [['--protocol', 'http', '--words-per-second', '3'], 2, 'OPTION_INVALID'],
    [['--url', 'http://127.0.0.1:9'], 1, 'BENCH_FAILED: http://127.0.0.1:9 cannot be reached'],
    [['--url', 'http://127.0.0.1:9', '--protocol', 'http'], 1, 'cannot be reached'],
    [['--threads', '1', '--device', 'cuda'], 1, 'BENCH_FAILED: The server did not start'],
  ])(
    'says what is wrong with %j',
    async (args, exitCode, message) => {
      const { code, stdout, stderr } = await bench(...args);
      expect(stderr).toContain(message);
      expect(code).toBe(exitCode);
      expect(stdout.toString()).toBe('');
    },
    60_000,
  );
});
