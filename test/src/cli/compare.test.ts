import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import wavefile from 'wavefile';
import { findPackageRoot } from '../../../base/package-root.js';
import { readAudioFile } from '../../../src/audio/read-audio.js';
import { DIFFERENCE_COLOURS } from '../../../src/pictures/colours.js';
import { toMel } from '../../../src/pictures/frequency-scales.js';
import { startScript } from '../../helpers/command.js';
import { DrawnPicture, lineOf } from '../../helpers/pictures.js';
import { sine } from '../../helpers/tones.js';

const SCRIPT = 'test/helpers/tone-cli.js';
const VOICE = join(findPackageRoot(), 'models', 'voices', 'heart.wav');

/** The fields that these tests look at. */
type Report = {
  original: { seconds: number; silent: boolean };
  decoded: { seconds: number; silent: boolean };
  comparedSeconds: number;
  offset: { samples: number; seconds: number; correlation: number } | null;
  aligned: boolean;
  identical: boolean;
  scaled: boolean;
  snrDb: number | null;
  siSdrDb: number | null;
  melDistanceDb: number;
};

describe('linnet compare', () => {
  let folder: string;
  let speech: Float32Array;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'linnet-'));
    speech = await readAudioFile(VOICE);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const run = (...args: string[]) => startScript(SCRIPT, args, { cwd: folder }).result;
  function writeWav(name: string, samples: Float32Array): string {
    const wav = new wavefile.WaveFile();
    wav.fromScratch(1, 24_000, '32f', samples);
    writeFileSync(join(folder, name), wav.toBuffer());
    return name;
  }
  async function compare(...args: string[]): Promise<Report> {
    const { code, stdout, stderr } = await run('compare', ...args, '--json');
    expect([code, stderr]).toEqual([0, '']);
    return JSON.parse(stdout.toString()) as Report;
  }
  /** The speech with silence before it. */
  function delayed(numSamples: number): Float32Array {
    const later = new Float32Array(speech.length + numSamples);
    later.set(speech, numSamples);
    return later;
  }

  it('finds a file and itself the same', async () => {
    expect(await compare(VOICE, VOICE)).toMatchObject({
      original: { path: VOICE, seconds: 2, silent: false },
      decoded: { path: VOICE, seconds: 2, silent: false },
      comparedSeconds: 2,
      offset: { samples: 0, seconds: 0, correlation: 1 },
      identical: true,
      scaled: true,
      snrDb: null,
      siSdrDb: null,
      melDistanceDb: 0,
    });
    const said = await run('compare', VOICE, VOICE);
    expect([said.code, said.stdout.length]).toEqual([0, 0]);
    expect(lineOf(said.stderr, 'SNR')).toBe('infinite, the same samples');
    expect(lineOf(said.stderr, 'compared')).toBe('');
  });

  it('measures a scaled copy, in numbers and as a picture', async () => {
    const tone = sine(24_000, 3_000);
    writeWav('a.wav', tone);
    writeWav('b.wav', tone.map((sample) => sample / 2)); // prettier-ignore
    const report = await compare('a.wav', 'b.wav', '-o', 'c.png');
    // what is missing is half of the tone: 20 log10(2)
    expect(report.snrDb).toBeCloseTo(6.0206, 3);
    expect(report).toMatchObject({ identical: false, scaled: true, siSdrDb: null });
    const picture = new DrawnPicture(readFileSync(join(folder, 'c.png')), 3);
    expect([picture.width, picture.height]).toEqual([1_200, 900]);
    const [original, decoded] = [picture.panel(0), picture.panel(1)];
    const difference = picture.panel(2, DIFFERENCE_COLOURS);
    const row = Math.floor((toMel(3_000) / toMel(12_000)) * original.height);
    const x = Math.round(original.width / 2);
    // of 80 dB, and of -20 to +20 dB
    expect((original.level(x, row) - decoded.level(x, row)) * 80).toBeCloseTo(6, 0);
    expect((difference.level(x, row) - 0.5) * 40).toBeCloseTo(-6, 0);
    expect(Math.abs(difference.level(x, original.height - 3) - 0.5)).toBeLessThan(0.01);
  });

  it.each([300, -300])(
    'finds and takes out an offset of %d samples',
    async (offset) => {
      writeWav('early.wav', speech);
      writeWav('late.wav', delayed(300));
      const files = offset > 0 ? ['early.wav', 'late.wav'] : ['late.wav', 'early.wav'];
      const raw = await compare(...files);
      expect(raw.offset).toMatchObject({ samples: offset, seconds: offset / 24_000 });
      expect(raw.offset!.correlation).toBeGreaterThan(0.999);
      expect([raw.comparedSeconds, raw.identical, raw.aligned]).toEqual([2, false, false]);
      expect(raw.snrDb).toBeLessThan(3);
      const aligned = await compare(...files, '--align');
      expect(aligned).toMatchObject({ identical: true, aligned: true, comparedSeconds: 2, melDistanceDb: 0 }); // prettier-ignore
      expect(aligned.offset).toEqual(raw.offset);
      expect([aligned.original.seconds, aligned.decoded.seconds].sort()).toEqual([2, 2.0125]);
      const said = (await run('compare', ...files, '--align')).stderr;
      expect(lineOf(said, 'compared')).toBe('2.000 s, which both have');
      const side = offset > 0 ? 'late' : 'early';
      expect(lineOf(said, 'offset')).toBe(`12.50 ms, decoded is ${side}, taken out (correlation 1.000)`); // prettier-ignore
    },
    30_000,
  );

  it('compares over the shorter one, or the part that is asked for', async () => {
    writeWav('short.wav', speech.subarray(0, 12_345));
    const report = await compare(VOICE, 'short.wav');
    expect(report).toMatchObject({ identical: true, comparedSeconds: 12_345 / 24_000 });
    expect([report.original.seconds, report.decoded.seconds]).toEqual([2, 12_345 / 24_000]);
    const spoilt = speech.slice();
    spoilt[40_000]! += 0.5;
    writeWav('spoilt.wav', spoilt);
    const part = ['--start', '0.5', '--duration', '1'];
    expect((await compare(VOICE, 'spoilt.wav')).identical).toBe(false);
    expect(await compare(VOICE, 'spoilt.wav', ...part)).toMatchObject({ identical: true, comparedSeconds: 1 }); // prettier-ignore
  });

  it('gives no figure that is none, where there is silence', async () => {
    const silence = writeWav('silence.wav', new Float32Array(48_000));
    const one = await compare(VOICE, silence);
    expect(one).toMatchObject({ decoded: { silent: true }, offset: null, snrDb: 0, siSdrDb: null });
    expect(one.melDistanceDb).toBeGreaterThan(10);
    expect(await compare(silence, VOICE, '--align')).toMatchObject({ original: { silent: true }, offset: null, snrDb: null, siSdrDb: null, identical: false }); // prettier-ignore
    expect(await compare(silence, silence, '-o', 's.png')).toMatchObject({ identical: true, scaled: false, melDistanceDb: 0 }); // prettier-ignore
    const said = (await run('compare', silence, VOICE)).stderr;
    expect(lineOf(said, 'original')).toBe('silence.wav, 2.000 s, silent');
    expect(lineOf(said, 'SI-SDR')).toBe('undefined, silence');
    expect(said).not.toMatch(/NaN|Infinity/);
  });

  it('finds the real codec worse with fewer levels', async () => {
    const reports: Report[] = [];
    for (const levels of ['2', '8']) {
      const main = 'src/cli/main.js';
      const encode = ['encode', VOICE, '--codebooks', levels, '-o', `${levels}.lnt`];
      expect((await startScript(main, encode, { cwd: folder }).result).code).toBe(0);
      const args = ['compare', VOICE, `${levels}.lnt`, '--json', '-o', `${levels}.png`];
      const { stdout } = await startScript(main, args, { cwd: folder }).result;
      reports.push(JSON.parse(stdout.toString()) as Report);
    }
    const [two, eight] = reports as [Report, Report];
    expect(eight.snrDb).toBeGreaterThan(two.snrDb! + 3);
    expect(eight.siSdrDb).toBeGreaterThan(two.siSdrDb! + 3);
    expect(eight.melDistanceDb).toBeLessThan(0.8 * two.melDistanceDb);
    expect(eight.melDistanceDb).toBeGreaterThan(0.2);
    expect(eight.offset!.correlation).toBeGreaterThan(two.offset!.correlation);
    expect(eight).toMatchObject({ comparedSeconds: 2, identical: false, scaled: false, offset: { samples: 0 } }); // prettier-ignore
  }, 60_000);

  it('reads standard input as either, and writes the picture to standard output', async () => {
    const wav = readFileSync(VOICE);
    for (const files of [
      ['-', VOICE],
      [VOICE, '-'],
    ]) {
      const options = { cwd: folder, input: wav, env: { TMPDIR: folder } };
      const args = ['compare', ...files, '-o', '-', '--align'];
      const { code, stdout, stderr } = await startScript(SCRIPT, args, options).result;
      expect(code).toBe(0);
      expect(lineOf(stderr, 'SNR')).toBe('infinite, the same samples');
      expect(stderr).toMatch(/^(original|decoded): +standard input, 2\.000 s$/m);
      expect(new DrawnPicture(stdout, 3).width).toBe(1_200);
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('names what is wrong and leaves nothing behind', async () => {
    writeWav('a.wav', speech);
    writeFileSync(join(folder, 'empty.wav'), '');
    writeFileSync(join(folder, 'text.wav'), 'This is a text, whatever its name says.\n');
    const before = readdirSync(folder).sort();
    const cases: [number, RegExp, ...string[]][] = [
      [1, /^error: AUDIO_EMPTY: empty\.wav/, 'a.wav', 'empty.wav', '-o', 'c.png'],
      [1, /^error: AUDIO_INVALID: text\.wav/, 'text.wav', 'a.wav', '-o', 'c.png'],
      [1, /^error: FILE_NOT_FOUND: /, 'a.wav', 'missing.lnt'],
      [1, /^error: FILE_WRITE_FAILED: /, 'a.wav', 'a.wav', '-o', 'no/c.png'],
      [2, /^error: OPTION_INVALID: --output is a\.wav/, VOICE, 'a.wav', '-o', 'a.wav'],
      [2, /^error: OPTION_INVALID: Only one of the two/, '-', '-'],
      [2, /^error: OPTION_INVALID: --output - and --json/, 'a.wav', 'a.wav', '-o', '-', '--json'],
      [2, /^error: OPTION_INVALID: --align reads both/, '/dev/stdin', 'a.wav', '--align'],
      [2, /^error: OPTION_INVALID: --start is 9; /, 'a.wav', 'a.wav', '--start', '9'],
      [2, /missing required argument 'decoded'/, 'a.wav'],
    ];
    for (const [code, message, ...args] of cases) {
      const result = await run('compare', ...args);
      expect(result.stderr).toMatch(message);
      expect(result.code).toBe(code);
    }
    expect(readdirSync(folder).sort()).toEqual(before);
  }, 60_000);
});
