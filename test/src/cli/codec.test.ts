import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import wavefile from 'wavefile';
import { readLnt } from '../../../codecs/lnt/lnt-file.js';
import { readWav } from '../../../src/audio/wav-reader.js';
import { largestDifference } from '../../helpers/chunks.js';
import { startScript } from '../../helpers/command.js';
import { FFMPEG } from '../../helpers/ffmpeg.js';
import { amplitudeAt, sine } from '../../helpers/tones.js';

const SCRIPT = 'test/helpers/tone-cli.js';
const NUM_SAMPLES = 50_003; // more than two seconds, and no whole number of frames

describe('linnet encode and decode', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'linnet-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const run = (...args: string[]) => startScript(SCRIPT, args, { cwd: folder }).result;

  function writeTone(name: string): Float32Array {
    const tone = sine(NUM_SAMPLES, 440);
    const wav = new wavefile.WaveFile();
    wav.fromScratch(1, 24_000, '32f', tone);
    writeFileSync(join(folder, name), wav.toBuffer());
    return tone;
  }
  const readTone = (name: string) => readWav(readFileSync(join(folder, name))).samples;

  it('give the audio back, to the sample', async () => {
    const tone = writeTone('tone.wav');
    const encoded = await run('encode', 'tone.wav', '-o', 'tokens.lnt');
    expect(encoded.stderr).toMatch(/^tokens\.lnt: 2\.08 s in 62\d{3} bytes, 240\.\d\d kbps\n$/);
    const file = readLnt(readFileSync(join(folder, 'tokens.lnt')));
    expect(file).toMatchObject({
      codec: 'rvq',
      sampleRate: 24_000,
      frameRate: { numerator: 3_000, denominator: 1 },
      numCodebooks: 8,
      bitsPerCode: 10,
      numSamples: NUM_SAMPLES,
      numFrames: Math.ceil(NUM_SAMPLES / 8),
    });
    const decoded = await run('decode', 'tokens.lnt', '-o', 'back.wav');
    expect([decoded.code, decoded.stderr]).toEqual([0, 'back.wav: 2.08 s of audio\n']);
    expect(largestDifference(readTone('back.wav'), tone)).toBeLessThan(1.1e-3);
  });

  it('keep fewer levels, name the other codec, and choose names and formats', async () => {
    writeTone('tone.wav');
    expect((await run('encode', 'tone.wav', '--codebooks', '3', '--codec', 'single')).code).toBe(0);
    const file = readLnt(readFileSync(join(folder, 'tone.lnt')));
    expect(file).toMatchObject({ codec: 'single', numCodebooks: 3 });
    expect((await run('decode', 'tone.lnt', '-o', 'back.mp3')).code).toBe(0);
    expect((await run('decode', 'tone.lnt')).code).toBe(0);
    expect(readTone('tone.wav')).toHaveLength(NUM_SAMPLES);
    const tooMany = await run('encode', 'tone.wav', '--codebooks', '9', '-o', 'never.lnt');
    expect(tooMany.stderr).toMatch(/^error: OPTION_INVALID: /);
    expect(tooMany.code).toBe(2);
    expect(readdirSync(folder).sort()).toEqual(['back.mp3', 'tone.lnt', 'tone.wav']);
  });

  it('read standard input and write standard output', async () => {
    const tone = writeTone('tone.wav');
    const wav = readFileSync(join(folder, 'tone.wav'));
    const pipe = (input: Uint8Array, ...args: string[]) =>
      startScript(SCRIPT, args, { cwd: folder, input, env: { TMPDIR: folder } }).result;
    const encoded = await pipe(wav, 'encode', '-');
    expect(encoded.stderr).toMatch(/^stdout: 2\.08 s in 62\d{3} bytes/);
    expect(readLnt(encoded.stdout).numSamples).toBe(NUM_SAMPLES);
    const decoded = await pipe(encoded.stdout, 'decode', '-');
    expect(decoded.stderr).toBe('stdout: 2.08 s of audio\n');
    expect(largestDifference(readWav(decoded.stdout).samples, tone)).toBeLessThan(1.1e-3);
    const pcm = await pipe(encoded.stdout, 'decode', '-', '-o', '-', '--format', 'pcm');
    expect(pcm.stdout).toHaveLength(2 * NUM_SAMPLES);
    const flac = (await pipe(encoded.stdout, 'decode', '-', '--format', 'flac')).stdout;
    expect((await pipe(flac, 'encode', '-', '-o', 'flac.lnt')).code).toBe(0);
    const fromFile = await run('encode', 'tone.wav', '-o', '-');
    expect(fromFile.stdout.equals(encoded.stdout)).toBe(true);
    const noise = await pipe(Buffer.from('no audio at all'), 'encode', '-');
    expect(noise.stderr).toMatch(/^error: AUDIO_INVALID: standard input cannot be read/);
    const cut = await pipe(encoded.stdout.subarray(0, 99), 'decode', '-');
    expect(cut.stderr).toMatch(/^error: BITSTREAM_TRUNCATED/);
    expect([noise.stdout.length, cut.stdout.length]).toEqual([0, 0]);
    expect(readdirSync(folder).sort()).toEqual(['flac.lnt', 'tone.wav']);
  });

  it('end quietly when the reader of standard output leaves', () => {
    writeTone('tone.wav');
    const script = fileURLToPath(new URL('../../helpers/tone-cli.js', import.meta.url));
    const command = `'${process.execPath}' '${script}' encode tone.wav -o - 2>/dev/null | head -c 4; echo "\${PIPESTATUS[0]}"`;
    const { stdout } = spawnSync('bash', ['-c', command], { cwd: folder, encoding: 'utf8' });
    expect(stdout).toMatch(/0\n$/);
  });

  it('take eight channels at 192 kHz and 24 bits', async () => {
    const source = `sine=frequency=440:sample_rate=192000:duration=${NUM_SAMPLES / 24_000}`;
    const args = ['-v', 'error', '-f', 'lavfi', '-i', source, '-ac', '8', '-c:a', 'pcm_s24le'];
    expect(spawnSync(FFMPEG, [...args, join(folder, 'big.wav')]).status).toBe(0);
    expect((await run('encode', 'big.wav')).code).toBe(0);
    expect((await run('decode', 'big.lnt', '-o', 'small.wav')).code).toBe(0);
    const samples = readTone('small.wav');
    expect(samples).toHaveLength(NUM_SAMPLES);
    // ffmpeg puts a mono tone of amplitude 1/8 into one of the eight channels
    expect(amplitudeAt(samples, 440)).toBeCloseTo(1 / 64, 3);
  });

  it('warn of channels that cancel each other, and refuse a name that stands for no format', async () => {
    const tone = sine(NUM_SAMPLES, 440);
    const wav = new wavefile.WaveFile();
    wav.fromScratch(2, 24_000, '32f', [tone, tone.map((sample) => -sample)]);
    writeFileSync(join(folder, 'inverted.wav'), wav.toBuffer());
    const encoded = await run('encode', 'inverted.wav');
    expect(encoded.code).toBe(0);
    expect(encoded.stderr).toMatch(
      /^warning: the 2 channels cancel each other[^\n]*\ninverted\.lnt: /,
    );
    const refused = await run('decode', 'inverted.lnt', '-o', 'out.mid');
    expect(refused.stderr).toMatch(/^error: FORMAT_UNKNOWN: out\.mid ends in \.mid; .*\.m4a/);
    expect(refused.code).toBe(2);
    expect(readdirSync(folder).sort()).toEqual(['inverted.lnt', 'inverted.wav']);
  });

  it('name what is wrong with their input', async () => {
    writeTone('good.wav');
    const wav = readFileSync(join(folder, 'good.wav'));
    writeFileSync(join(folder, 'cut.wav'), wav.subarray(0, 50_000));
    writeFileSync(join(folder, 'none.wav'), wav.subarray(0, wav.indexOf('data') + 4));
    writeFileSync(join(folder, 'text.wav'), 'This is a text, whatever its name says.\n');
    writeFileSync(join(folder, 'empty.wav'), '');
    const silent = new wavefile.WaveFile();
    silent.fromScratch(1, 24_000, '16', []);
    writeFileSync(join(folder, 'silent.wav'), silent.toBuffer());
    await run('encode', 'good.wav');
    const lnt = readFileSync(join(folder, 'good.lnt'));
    writeFileSync(join(folder, 'cut.lnt'), lnt.subarray(0, 1_000));
    lnt[500]! ^= 1;
    writeFileSync(join(folder, 'damaged.lnt'), lnt);
    const before = readdirSync(folder).sort();
    const cases: [string, string, string][] = [
      ['encode', 'cut.wav', 'AUDIO_INVALID'],
      ['encode', 'none.wav', 'AUDIO_INVALID'],
      ['encode', 'text.wav', 'AUDIO_INVALID'],
      ['encode', 'empty.wav', 'AUDIO_EMPTY'],
      ['encode', 'silent.wav', 'AUDIO_EMPTY'],
      ['encode', '.', 'FILE_READ_FAILED'],
      ['encode', 'missing.wav', 'FILE_NOT_FOUND'],
      ['decode', 'missing.lnt', 'FILE_NOT_FOUND'],
      ['decode', '.', 'FILE_READ_FAILED'],
      ['decode', 'good.wav', 'BITSTREAM_INVALID'],
      ['decode', 'cut.lnt', 'BITSTREAM_TRUNCATED'],
      ['decode', 'damaged.lnt', 'BITSTREAM_INVALID'],
    ];
    for (const [command, name, code] of cases) {
      const options = command === 'encode' ? ['-o', 'out.lnt'] : ['--strict', '-o', 'out.wav'];
      const result = await run(command, name, ...options);
      expect(result.stderr).toMatch(new RegExp(`^error: ${code}: [^\n]*\n$`));
      expect(result.code).toBe(1);
    }
    expect(readdirSync(folder).sort()).toEqual(before);
  }, 30_000);
});
