import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import wavefile from 'wavefile';
import { toMel } from '../../../src/pictures/frequency-scales.js';
import { startScript } from '../../helpers/command.js';
import { FFMPEG } from '../../helpers/ffmpeg.js';
import { brightest, DrawnPicture } from '../../helpers/pictures.js';
import { sine } from '../../helpers/tones.js';

const SCRIPT = 'test/helpers/tone-cli.js';
const NUM_SAMPLES = 48_000;

describe('linnet spectrogram', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'linnet-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const run = (...args: string[]) => startScript(SCRIPT, args, { cwd: folder }).result;
  const draw = (...args: string[]) => run('spectrogram', ...args);
  const read = (name: string) => new DrawnPicture(readFileSync(join(folder, name)), 1);
  function writeWav(name: string, samples: Float32Array): void {
    const wav = new wavefile.WaveFile();
    wav.fromScratch(1, 24_000, '32f', samples);
    writeFileSync(join(folder, name), wav.toBuffer());
  }
  /** 3 kHz from 0.5 s to 1 s, and a click at 1.5 s. */
  function writeScene(name: string): void {
    const scene = sine(NUM_SAMPLES, 3_000).fill(0, 0, 12_000).fill(0, 24_000);
    scene[36_000] = 1;
    writeWav(name, scene);
  }

  it.each([
    { scale: 'mel', position: toMel(3_000) / toMel(12_000) },
    { scale: 'linear', position: 0.25 },
  ])('shows a tone and a click in their places: $scale', async ({ scale, position }) => {
    writeScene('scene.wav');
    const drawn = await draw('scene.wav', '--scale', scale);
    expect([drawn.code, drawn.stderr]).toEqual([0, 'scene.wav.png: 2.00 s, 1200 x 400 pixels\n']);
    const { width, height, level } = read('scene.wav.png').panel(0);
    const columnAt = (seconds: number) => Math.round((seconds / 2) * width);
    const row = brightest(height, (place) => level(columnAt(0.75), place));
    expect(Math.abs(row + 0.5 - position * height)).toBeLessThan(2);
    // the tone's edges are half a frame wide, about 0.02 s
    expect(level(columnAt(0.53), row)).toBeGreaterThan(0.9);
    expect(level(columnAt(0.97), row)).toBeGreaterThan(0.9);
    expect(level(columnAt(0.45), row)).toBe(0);
    expect(level(columnAt(1.05), row)).toBe(0);
    const above = Math.round(0.8 * height);
    const late = columnAt(1.2);
    const click = late + brightest(width - late, (place) => level(late + place, above));
    expect(Math.abs(click + 0.5 - 0.75 * width)).toBeLessThan(3);
    expect(level(columnAt(1.9), above)).toBe(0);
  });

  it('shows the part, the size and the range that are asked for', async () => {
    writeScene('scene.wav');
    const part = ['--start', '0.25', '--duration', '0.5', '--width', '301', '--height', '203'];
    const drawn = await draw('scene.wav', ...part, '-o', 'part.png');
    expect(drawn.stderr).toBe('part.png: 0.50 s, 301 x 203 pixels\n');
    const picture = read('part.png');
    expect([picture.width, picture.height]).toEqual([301, 203]);
    const { width, height, level } = picture.panel(0);
    const row = Math.floor((toMel(3_000) / toMel(12_000)) * height);
    expect(level(Math.round(0.4 * width), row)).toBe(0);
    expect(level(Math.round(0.6 * width), row)).toBeGreaterThan(0.9);
    // 40 dB below the tone its sidelobes are dark, 200 dB below they are not
    const dark = (range: string) => draw('scene.wav', '--range', range, '-o', `${range}.png`);
    await Promise.all([dark('40'), dark('200')]);
    const numDark = (name: string) => {
      const panel = read(name).panel(0);
      const x = Math.round(0.375 * panel.width);
      return Array.from({ length: panel.height }, (_, y) => panel.level(x, y)).filter((l) => l === 0).length; // prettier-ignore
    };
    expect(numDark('40.png')).toBeGreaterThan(2 * numDark('200.png'));
  });

  it('reads other formats, tokens and standard input, and writes standard output', async () => {
    writeScene('scene.wav');
    await run('encode', 'scene.wav', '-o', 'tokens.bin');
    spawnSync(FFMPEG, ['-v', 'error', '-i', join(folder, 'scene.wav'), join(folder, 'scene.flac')]);
    const pipe = (name: string) =>
      startScript(SCRIPT, ['spectrogram', '-'], {
        cwd: folder,
        input: readFileSync(join(folder, name)),
        env: { TMPDIR: folder },
      }).result;
    const results = [await pipe('scene.flac'), await pipe('tokens.bin'), await draw('tokens.bin', '-o', '-')]; // prettier-ignore
    for (const { code, stdout, stderr } of results) {
      expect([code, stderr]).toEqual([0, 'stdout: 2.00 s, 1200 x 400 pixels\n']);
      const { width, height, level } = new DrawnPicture(stdout, 1).panel(0);
      const row = brightest(height, (place) => level(Math.round(0.375 * width), place));
      const position = toMel(3_000) / toMel(12_000);
      expect(Math.abs(row + 0.5 - position * height)).toBeLessThan(2);
    }
    expect(results[1]!.stdout.equals(results[2]!.stdout)).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(['scene.flac', 'scene.wav', 'tokens.bin']);
  });

  it('draws silence, a single sample, and much more audio than it is wide', async () => {
    writeWav('silence.wav', new Float32Array(NUM_SAMPLES));
    writeWav('one.wav', Float32Array.of(0.5));
    const long = sine(24_000 * 20, 3_000).fill(0, 0, 24_000 * 10);
    writeWav('long.wav', long);
    for (const name of ['silence.wav', 'one.wav', 'long.wav']) {
      expect((await draw(name, '--width', '300', '--height', '200')).code).toBe(0);
    }
    const silence = read('silence.wav.png').panel(0);
    expect(brightest(silence.width, (x) => silence.level(x, 20))).toBe(0);
    expect(silence.level(0, 20)).toBe(0);
    const one = read('one.wav.png').panel(0);
    expect(one.level(one.width - 1, one.height - 5)).toBeGreaterThan(0.9);
    const { width, height, level } = read('long.wav.png').panel(0);
    const row = Math.floor((toMel(3_000) / toMel(12_000)) * height);
    const first = Array.from({ length: width }, (_, x) => level(x, row)).findIndex((l) => l > 0.5);
    expect(Math.abs(first - width / 2)).toBeLessThan(2);
  });

  it('names what is wrong and leaves nothing behind', async () => {
    writeScene('scene.wav');
    writeFileSync(join(folder, 'empty.wav'), '');
    writeFileSync(join(folder, 'text.wav'), 'This is a text, whatever its name says.\n');
    writeWav('nan.wav', Float32Array.of(0, NaN, 0));
    writeFileSync(join(folder, 'bad.lnt'), 'LNT9 and more than that');
    const before = readdirSync(folder).sort();
    const cases: [number, RegExp, ...string[]][] = [
      [1, /^error: AUDIO_EMPTY: /, 'empty.wav'],
      [1, /^error: AUDIO_INVALID: /, 'text.wav'],
      [1, /^error: AUDIO_INVALID: Sample 1 of channel 0 is NaN/, 'nan.wav'],
      [1, /^error: BITSTREAM_INVALID: /, 'bad.lnt'],
      [1, /^error: FILE_NOT_FOUND: /, 'missing.wav'],
      [1, /^error: FILE_READ_FAILED: /, '.', '-o', 'x.png'],
      [1, /^error: FILE_WRITE_FAILED: .*directory does not exist/, 'scene.wav', '-o', 'no/x.png'],
      [1, /^error: FILE_WRITE_FAILED: .*disk is full/, 'scene.wav', '-o', '/dev/full'],
      [2, /^error: OPTION_INVALID: --output is \.\/scene\.wav/, 'scene.wav', '-o', './scene.wav'],
      [2, /^error: OPTION_INVALID: --start is 2; /, 'scene.wav', '--start', '2'],
      [2, /an integer from 300 to 4000/, 'scene.wav', '--width', '1'],
      [2, /an integer from 300 to 4000/, 'scene.wav', '--width', '1000000'],
      [2, /an integer from 200 to 3000/, 'scene.wav', '--height', '0.5'],
      [2, /a number from 10 to 200/, 'scene.wav', '--range', '0'],
      [2, /Allowed choices are mel, linear/, 'scene.wav', '--scale', 'bark'],
      [2, /a number of at least 0.001/, 'scene.wav', '--duration', '0'],
    ];
    for (const [code, message, ...args] of cases) {
      const result = await draw(...args);
      expect(result.stderr).toMatch(message);
      expect(result.code).toBe(code);
    }
    expect(readdirSync(folder).sort()).toEqual(before);
  }, 60_000);
});
