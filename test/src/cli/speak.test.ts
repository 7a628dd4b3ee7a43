import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readLnt } from '../../../codecs/lnt/lnt-file.js';
import { readWav } from '../../../src/audio/wav-reader.js';
import { startScript, type Result } from '../../helpers/command.js';
import { describeAudio } from '../../helpers/ffmpeg.js';
import { waitUntil } from '../../helpers/processes.js';

const SCRIPT = 'test/helpers/tone-cli.js';
const CHUNK = 4_800;

describe('linnet speak', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'linnet-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function start(args: string[], input?: string | Uint8Array, env?: NodeJS.ProcessEnv) {
    return startScript(SCRIPT, ['speak', ...args], {
      cwd: folder,
      ...(input === undefined ? {} : { input }),
      ...(env === undefined ? {} : { env }),
    });
  }
  function speak(args: string[], input?: string | Uint8Array): Promise<Result> {
    return start(args, input).result;
  }
  function numSamplesOf(name: string): number {
    return readWav(readFileSync(join(folder, name))).samples.length;
  }

  it('writes speech.wav and says how it went', async () => {
    const { code, stdout, stderr } = await speak(['Hello', 'there']);
    expect(stderr).toMatch(
      /^speech\.wav: 2\.20 s of speech in [\d.]+ s, real-time factor [\d.]+, first audio after \d+ ms\n$/,
    );
    expect([code, stdout.length]).toEqual([0, 0]);
    expect(numSamplesOf('speech.wav')).toBe(11 * CHUNK);
    expect(readFileSync(join(folder, 'speech.wav')).readUInt32LE(40)).toBe(11 * CHUNK * 2);
  });

  it('takes the format from the name, unless it is given', async () => {
    expect((await speak(['ab', '-o', 'a.mp3', '-q'])).stderr).toBe('');
    expect((await speak(['ab', '-o', 'b.mp3', '--format', 'wav', '-q'])).code).toBe(0);
    expect((await speak(['ab', '-o', 'c', '-q'])).code).toBe(0);
    const kinds = ['a.mp3', 'b.mp3', 'c'].map((name) =>
      describeAudio(readFileSync(join(folder, name))),
    );
    expect(kinds).toEqual(['mp3, mono', 'pcm_s16le, mono', 'pcm_s16le, mono']);
  });

  it('writes tokens that say what they are', async () => {
    expect((await speak(['ab', '-o', 'a.lnt', '--voice', 'fable', '-q'])).stderr).toBe('');
    const { numSamples, tags } = readLnt(readFileSync(join(folder, 'a.lnt')));
    expect([numSamples, tags]).toEqual([2 * CHUNK, { synthetic: true, voice: 'high' }]);
  });

  it('reads files and standard input', async () => {
    writeFileSync(join(folder, 'text.txt'), '\ufeffHellö');
    expect((await speak(['-i', 'text.txt', '-o', 'a.wav'])).code).toBe(0);
    expect(numSamplesOf('a.wav')).toBe(5 * CHUNK);
    expect((await speak(['-i', '-', '-o', 'b.wav'], 'abc')).code).toBe(0);
    expect(numSamplesOf('b.wav')).toBe(3 * CHUNK);
    expect((await speak(['-o', 'c.wav'], 'ab')).code).toBe(0);
    expect(numSamplesOf('c.wav')).toBe(2 * CHUNK);
  });

  it('reads documents by the name of their file, or as it is told', async () => {
    const ssml = '<speak>ab<break time="1s"/><mark name="x"/>c</speak>';
    writeFileSync(join(folder, 'a.ssml'), ssml);
    writeFileSync(join(folder, 'a.MD'), '**a**b');
    writeFileSync(join(folder, 'a.txt'), '<i>ab</i>');
    const { stderr } = await speak(['-i', 'a.ssml', '-o', 'a.wav']);
    expect(stderr).toMatch(/^warning: SSML: mark is not supported; it was passed over\.\na\.wav: /);
    expect(numSamplesOf('a.wav')).toBe(4 * CHUNK + 24_000);
    expect((await speak(['-i', 'a.ssml', '-o', 'b.wav', '-q'])).stderr).toBe('');
    const german = '<i hidden>x</i><p>Ich weiß nicht, wo mein Bruder ist.';
    writeFileSync(join(folder, 'b.html'), german);
    const warned = await speak(['-i', 'b.html', '-o', 'b.wav']);
    expect(warned.stderr).toMatch(/^warning: the text seems to be in German \(de\); .*\nb\.wav: /);
    expect((await speak(['-i', 'b.html', '-o', 'b.wav', '-q'])).stderr).toBe('');
    await speak(['-i', 'a.MD', '-o', 'c.wav']);
    expect(numSamplesOf('c.wav')).toBe('ab.'.length * CHUNK);
    await speak(['-i', 'a.txt', '-o', 'd.wav']);
    expect(numSamplesOf('d.wav')).toBe('<i>ab</i>'.length * CHUNK);
    await speak(['-i', 'a.txt', '--input-format', 'html', '-o', 'e.wav']);
    expect(numSamplesOf('e.wav')).toBe('ab.'.length * CHUNK);
    await speak(['<i>ab</i>', '--input-format', 'html', '-o', 'f.wav']);
    expect(numSamplesOf('f.wav')).toBe('ab.'.length * CHUNK);
    const broken = await speak(['<speak>', '--input-format', 'ssml', '-o', 'g.wav']);
    expect([broken.code, broken.stderr.slice(0, 22)]).toEqual([2, 'error: MARKUP_INVALID:']);
    expect((await speak(['hi', '--input-format', 'rtf'])).code).toBe(2);
  });

  it('streams to standard output', async () => {
    const wav = await speak(['abc', '-o', '-']);
    expect(readWav(wav.stdout).samples).toHaveLength(3 * CHUNK);
    expect(wav.stderr).toMatch(/^stdout: 0\.60 s/);
    const pcm = await speak(['abc', '-o', '-', '--format', 'pcm']);
    expect(pcm.stdout).toHaveLength(3 * CHUNK * 2);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('draws a seed and tells it', async () => {
    const seeds = await Promise.all(
      [1, 2].map(async () => {
        const { code, stderr } = await speak(['ab', '-o', '-', '-q', '--seed', 'random']);
        expect([code, stderr]).toEqual([0, expect.stringMatching(/^seed: \d{1,10}\n$/)]);
        return stderr;
      }),
    );
    expect(seeds[0]).not.toBe(seeds[1]);
    expect((await speak(['ab', '-o', '-', '-q', '--seed', '7'])).stderr).toBe('');
  });

  it('writes captions beside the audio, or neither', async () => {
    const done = await speak(['ab', '-o', '-', '--captions', 'a.json']);
    expect([done.code, readWav(done.stdout).samples.length]).toEqual([0, 2 * CHUNK]);
    expect(JSON.parse(readFileSync(join(folder, 'a.json'), 'utf8'))).toEqual([
      { word: 'a', start: 0, end: 0.2 },
      { word: 'b', start: 0.2, end: 0.4 },
    ]);
    expect((await speak(['ab', '-o', '-', '--words', 'a.json'])).code).toBe(0);
    expect((await speak(['ab', '-o', '-', '--captions', 'a.srt'])).code).toBe(0);
    expect(readFileSync(join(folder, 'a.srt'), 'utf8')).toBe(
      '1\n00:00:00,000 --> 00:00:00,400\na b\n',
    );
    writeFileSync(join(folder, 'b.vtt'), 'old');
    expect((await speak(['ab!', '-o', 'b.wav', '--captions', 'b.vtt'])).code).toBe(1);
    expect((await speak(['ab', '-o', 'b.wav', '--captions', '/dev/full'])).code).toBe(2);
    expect((await speak(['ab', '-o', 'b.wav', '--captions', 'no/where.srt'])).code).toBe(1);
    symlinkSync('/dev/full', join(folder, 'full.srt'));
    expect((await speak(['ab', '-o', 'b.wav', '--captions', 'full.srt'])).code).toBe(1);
    rmSync(join(folder, 'full.srt'));
    expect(readdirSync(folder).sort()).toEqual(['a.json', 'a.srt', 'b.vtt']);
    expect(readFileSync(join(folder, 'b.vtt'), 'utf8')).toBe('old');
    const wrong = await speak(['ab', '--captions', 'a.txt']);
    expect(wrong.stderr).toMatch(/^error: FORMAT_UNKNOWN: .*\.json, \.srt or \.vtt/);
    expect(wrong.code).toBe(2);
  });

  it('ends quietly when the reader of standard output leaves', () => {
    const script = fileURLToPath(new URL('../../helpers/tone-cli.js', import.meta.url));
    const command = `'${process.execPath}' '${script}' speak "$0" -o - | head -c 1000 | wc -c; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', command, 'a'.repeat(500)], {
      encoding: 'utf8',
      env: { ...process.env, TONE_CHUNK_MS: '1' },
    });
    expect(stdout.trim().split(/\s+/)).toEqual(['1000', '0']);
    expect(stderr).toBe('');
  });

  it.each([
    [['']],
    [['  ']],
    [['hi', '-i', 'x.txt']],
    [['hi', '--voice', 'nobody']],
    [['hi', '--format', 'midi']],
    [['hi', '--speed', '0']],
    [['hi', '--speed', 'fast']],
    [['hi', '--seed', '-1']],
    [['hi', '--device', 'toaster']],
    [['hi', '--threads', '0']],
    [['hi', '--nonsense']],
    [['§']],
    [[]],
  ])('exits with 2 for %j', async (args) => {
    const { code, stderr } = await speak(args);
    expect(stderr).toMatch(/^error: /);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(code).toBe(2);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('exits with 1 for what fails', async () => {
    mkdirSync(join(folder, 'directory'));
    writeFileSync(join(folder, 'binary.txt'), Uint8Array.of(0x61, 0xff, 0xfe, 0x00));
    const cases: [string[], string][] = [
      [['-i', 'none.txt'], 'FILE_NOT_FOUND'],
      [['-i', 'directory'], 'FILE_READ_FAILED'],
      [['hi', '-o', 'directory'], 'FILE_WRITE_FAILED'],
      [['hi', '-o', 'no/where.wav'], 'FILE_WRITE_FAILED'],
      [['hi', '-o', '/dev/full'], 'FILE_WRITE_FAILED'],
      [['hi!'], 'INTERNAL'],
    ];
    for (const [args, expected] of cases) {
      const { code, stderr } = await speak(args);
      expect(stderr).toMatch(new RegExp(`^error: ${expected}: .*\n$`));
      expect(code).toBe(1);
    }
    const binary = await speak(['-i', 'binary.txt']);
    expect(binary.stderr).toMatch(/^error: TEXT_INVALID: /);
    expect(readdirSync(folder).sort()).toEqual(['binary.txt', 'directory']);
  });

  it('shows a stack only when debugging', async () => {
    const { result } = start(['hi!'], '', { LINNET_DEBUG: '1' });
    expect((await result).stderr).toMatch(/caused by: .*\n\s+at /);
  });

  it('leaves no file behind when the disk is full', () => {
    const script = fileURLToPath(new URL('../../helpers/tone-cli.js', import.meta.url));
    // with the signal ignored, a file at its size limit fails to grow as on a full disk
    const command = `trap '' XFSZ; ulimit -f 64; exec '${process.execPath}' '${script}' speak "$0" -o out.wav`;
    const child = spawnSync('bash', ['-c', command, 'a'.repeat(40)], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(child.stderr).toMatch(/^error: FILE_WRITE_FAILED: out\.wav cannot be written/);
    expect(child.status).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('leaves no file behind after %s', async (signal, expected) => {
    writeFileSync(join(folder, 'out.mp3'), 'old');
    const { child, result } = start(['a'.repeat(1_000), '-o', 'out.mp3'], '', {
      TONE_CHUNK_MS: '20',
    });
    await waitUntil(() => readdirSync(folder).length === 2);
    child.kill(signal);
    const { code, stderr } = await result;
    expect([code, stderr]).toEqual([expected, '']);
    expect(readdirSync(folder)).toEqual(['out.mp3']);
    expect(readFileSync(join(folder, 'out.mp3'), 'utf8')).toBe('old');
  });

  it('writes through links and into pipes', async () => {
    writeFileSync(join(folder, 'real.wav'), 'old');
    symlinkSync('real.wav', join(folder, 'link.wav'));
    expect((await speak(['ab', '-o', 'link.wav'])).code).toBe(0);
    expect(numSamplesOf('real.wav')).toBe(2 * CHUNK);
    spawnSync('mkfifo', [join(folder, 'pipe.wav')]);
    const reader = spawn('cat', [join(folder, 'pipe.wav')]);
    const closed = once(reader, 'close');
    const parts: Buffer[] = [];
    reader.stdout.on('data', (bytes: Buffer) => parts.push(bytes));
    expect((await speak(['ab', '-o', 'pipe.wav'])).code).toBe(0);
    await closed;
    expect(readWav(Buffer.concat(parts)).samples).toHaveLength(2 * CHUNK);
  });
});

describe('linnet', () => {
  const run = (args: string[]) => startScript(SCRIPT, args).result;

  it('prints help and version', async () => {
    const help = await run(['--help']);
    expect(help.code).toBe(0);
    for (const name of ['speak', 'voices', 'serve', 'encode', 'decode']) {
      expect(help.stdout.toString()).toContain(name);
    }
    expect((await run(['--version'])).stdout.toString()).toMatch(/^\d+\.\d+\.\d+/);
    expect((await run(['sing'])).code).toBe(2);
  });

  it.each([
    [
      'speak hi --speed abc',
      "'--speed <x>' argument 'abc' is invalid. It must be a number from 0.25 to 4.",
    ],
    [
      'speak hi --seed 1e3',
      "'--seed <n>' argument '1e3' is invalid. It must be an integer from 0 to 4294967295, or random.",
    ],
    [
      'speak hi --threads 0x2',
      "'--threads <n>' argument '0x2' is invalid. It must be an integer from 1 to 256.",
    ],
    [
      'encode a.wav --levels 2.5',
      "'--codebooks, --levels <n>' argument '2.5' is invalid. It must be an integer from 1 to 255.",
    ],
    [
      'serve --port x',
      "'--port <n>' argument 'x' is invalid. It must be an integer from 0 to 65535.",
    ],
    [
      'serve --max-running 0',
      "'--max-running <n>' argument '0' is invalid. It must be an integer from 1 to 4096.",
    ],
  ])('names the value that is wrong in: %s', async (call, expected) => {
    const { code, stderr } = await run(call.split(' '));
    expect([code, stderr.split('\n')[0]]).toEqual([2, `error: option ${expected}`]);
  });

  it('names the value of an environment variable that is wrong', async () => {
    const { result } = startScript(SCRIPT, ['serve'], { env: { LINNET_PORT: 'x' } });
    const { code, stderr } = await result;
    expect([code, stderr]).toEqual([
      2,
      'error: OPTION_INVALID: LINNET_PORT: it is "x", and must be an integer from 0 to 65535.\n',
    ]);
  });

  it('lists the voices', async () => {
    const lines = (await run(['voices'])).stdout.toString().trimEnd().split('\n');
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatch(
      /^heart +American, female +.*Taught by Kokoro-82M, voice af_heart\. Sample: .*heart\.wav$/,
    );
    const json = JSON.parse((await run(['voices', '--json'])).stdout.toString()) as object[];
    expect(json[4]).toMatchObject({ id: 'emma', language: 'en-GB', licence: 'Apache-2.0' });
    expect((await run(['voices', '--loud'])).code).toBe(2);
  });

  it('serves until it is told to stop', async () => {
    const { child, result } = startScript(SCRIPT, [
      'serve',
      '--port',
      '0',
      '--log-level',
      'silent',
    ]);
    const [line] = (await once(child.stderr!, 'data')) as [Buffer];
    const url = /http:\S+/.exec(line.toString())![0];
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    child.kill('SIGTERM');
    expect((await result).code).toBe(0);
  });
});
