import { spawnSync } from 'node:child_process';
import {
  createReadStream,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createEncoder } from '../../../src/audio/encoder.js';
import { findFfmpeg, requireFfmpeg } from '../../../src/audio/find-ffmpeg.js';
import {
  AUDIO_FORMAT_NAMES,
  AUDIO_FORMATS,
  findFormat,
  formatOfPath,
} from '../../../src/audio/formats.js';
import { toS16Bytes } from '../../../src/audio/pcm.js';
import { openAudio, readAudioFile } from '../../../src/audio/read-audio.js';
import { writeAudioFile } from '../../../src/audio/write-audio.js';
import { cut } from '../../helpers/chunks.js';
import { errorWithCode } from '../../helpers/errors.js';
import { decodeWith, FFMPEG } from '../../helpers/ffmpeg.js';
import { childrenNamed, waitUntil } from '../../helpers/processes.js';
import { amplitudeAt, sine } from '../../helpers/tones.js';

const SECOND = 24_000;
const TONE = sine(2 * SECOND, 440);

async function* piecesOf(samples: Float32Array, size: number): AsyncGenerator<Float32Array> {
  for (const piece of cut(samples, size)) {
    yield await Promise.resolve(piece);
  }
}

async function encode(
  name: (typeof AUDIO_FORMAT_NAMES)[number],
  samples: Float32Array,
  size: number,
) {
  const parts: Buffer[] = [];
  await pipeline(
    piecesOf(samples, size),
    createEncoder(AUDIO_FORMATS[name]),
    async (bytes: AsyncIterable<Buffer>) => {
      for await (const part of bytes) {
        parts.push(part);
      }
    },
  );
  return Buffer.concat(parts);
}

describe('createEncoder', () => {
  it.each([
    ['wav', []],
    ['pcm', ['-f', 's16le', '-ar', '24000', '-ac', '1']],
    ['mulaw', ['-f', 'mulaw', '-ar', '8000', '-ac', '1']],
    ['alaw', ['-f', 'alaw', '-ar', '8000', '-ac', '1']],
    ['mp3', []],
    ['opus', []],
    ['aac', []],
    ['m4a', []],
    ['flac', []],
  ] as const)('makes %s that ffmpeg reads', async (name, inputOptions) => {
    const bytes = await encode(name, TONE, 4_801);
    const decoded = decodeWith(bytes, inputOptions);
    // AAC and MP3 add a frame or two of silence at the ends
    expect(decoded.length).toBeGreaterThanOrEqual(TONE.length - 10);
    expect(decoded.length).toBeLessThan(TONE.length + 4_800);
    const middle = decoded.subarray(SECOND / 2, SECOND * 1.5);
    expect(amplitudeAt(middle, 440)).toBeCloseTo(0.5, 1);
    expect(amplitudeAt(middle, 700)).toBeLessThan(0.005);
  });

  it.each(['wav', 'pcm', 'mulaw', 'alaw', 'flac'] as const)(
    'does not depend on the cuts (%s)',
    async (name) => {
      const samples = TONE.subarray(0, 5_001);
      const whole = await encode(name, samples, samples.length);
      expect((await encode(name, samples, 77)).equals(whole)).toBe(true);
    },
  );

  it.each(['mp3', 'opus', 'aac', 'm4a', 'flac'] as const)(
    'sends %s before the end is known',
    async (name) => {
      const encoder = createEncoder(AUDIO_FORMATS[name]);
      encoder.write(TONE.slice(0, SECOND));
      const first = await new Promise<Buffer>((resolve) => encoder.once('data', resolve));
      expect(first.length).toBeGreaterThan(0);
      encoder.on('error', () => undefined);
      encoder.destroy();
    },
  );

  it.each(['mp3', 'opus'] as const)('sends %s after the 50 ms of the first chunk', async (name) => {
    const encoder = createEncoder(AUDIO_FORMATS[name]);
    encoder.on('error', () => undefined);
    encoder.write(TONE.slice(0, 1_200));
    const first = await new Promise<Buffer>((resolve) => encoder.once('data', resolve));
    expect(first.length).toBeGreaterThan(0);
    encoder.destroy();
  });

  it('gives flac the samples of wav', async () => {
    // halves of a step, which two roundings would treat in two ways
    const samples = Float32Array.from(
      { length: 20_001 },
      (_, index) => (index - 10_000.5) / 32_768,
    );
    const wav = (await encode('wav', samples, 1_000)).subarray(44);
    const args = ['-v', 'error', '-i', 'pipe:0', '-f', 's16le', 'pipe:1'];
    const { stdout } = spawnSync(FFMPEG, args, { input: await encode('flac', samples, 1_000) });
    expect(stdout.equals(wav)).toBe(true);
  });

  it.each([
    ['wav', '2.000000'],
    ['flac', 'N/A'],
    ['m4a', /^2\.\d+$/],
  ] as const)('streams %s whose length ffprobe takes for %s', async (name, duration) => {
    const args = ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0'];
    const folder = mkdtempSync(join(tmpdir(), 'linnet-'));
    const path = join(folder, `saved.${name}`);
    writeFileSync(path, await encode(name, TONE, 4_800));
    const { stdout, stderr } = spawnSync('ffprobe', [...args, path], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect([stdout.trim(), stderr]).toEqual([
      typeof duration === 'string' ? duration : expect.stringMatching(duration),
      '',
    ]);
  });

  it('respects the pace of its reader', async () => {
    const encoder = createEncoder(AUDIO_FORMATS.mp3);
    encoder.on('error', () => undefined);
    let numWritten = 0;
    async function* endless(): AsyncGenerator<Float32Array> {
      for (;;) {
        numWritten++;
        yield await Promise.resolve(TONE.slice());
      }
    }
    const source = Readable.from(endless()).pipe(encoder);
    try {
      // it stands still once all buffers are full, on a busy machine later
      let before = -1;
      for (let turn = 0; turn < 20 && numWritten !== before; turn++) {
        before = numWritten;
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
      expect(numWritten).toBe(before);
      expect(numWritten).toBeGreaterThan(1);
    } finally {
      source.destroy();
    }
    await waitUntil(() => childrenNamed('ffmpeg').length === 0);
  });

  it.each([0, 5, 200])('leaves no process behind when destroyed after %d ms', async (delayMs) => {
    const encoders = ['mp3', 'opus', 'aac', 'flac'].map((name) => createEncoder(findFormat(name)));
    for (const encoder of encoders) {
      encoder.on('error', () => undefined);
      encoder.write(TONE);
    }
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    for (const encoder of encoders) {
      encoder.destroy();
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    await waitUntil(() => childrenNamed('ffmpeg').length === 0);
  });

  it('reports an ffmpeg that dies', async () => {
    const encoder = createEncoder(AUDIO_FORMATS.mp3);
    const failure = new Promise((resolve) => encoder.once('error', resolve));
    encoder.write(TONE);
    await waitUntil(() => childrenNamed('ffmpeg').length === 1);
    process.kill(childrenNamed('ffmpeg')[0]!, 'SIGKILL');
    expect(await failure).toMatchObject({ code: 'FFMPEG_FAILED' });
  });
});

describe('findFfmpeg', () => {
  it('takes the chosen one, else the one on PATH, else the one npm brought', () => {
    const system = findFfmpeg();
    expect(system).toMatch(/ffmpeg$/);
    expect(findFfmpeg({ LINNET_FFMPEG: system, PATH: '/nowhere' })).toBe(system);
    const brought = findFfmpeg({ PATH: '/nowhere' });
    expect(brought).toContain('node_modules');
    const { stdout } = spawnSync(brought!, ['-v', 'error', '-encoders'], { encoding: 'utf8' });
    for (const encoder of ['libmp3lame', 'libopus', ' aac ', ' flac ']) {
      expect(stdout).toContain(encoder);
    }
  });

  it('does not replace a choice that cannot be run', () => {
    expect(() => requireFfmpeg('mp3', { LINNET_FFMPEG: '/nowhere/ffmpeg' })).toThrow(
      errorWithCode('FFMPEG_MISSING'),
    );
  });
});

describe('findFormat', () => {
  it('knows names and extensions', () => {
    expect(findFormat('MP3').contentType).toBe('audio/mpeg');
    expect(() => findFormat('midi')).toThrow(errorWithCode('FORMAT_UNKNOWN'));
    expect(formatOfPath('a/b.OGG')?.name).toBe('opus');
    expect(formatOfPath('a/b.m4a')?.name).toBe('m4a');
    expect(formatOfPath('a.b/c')).toBeUndefined();
    expect(formatOfPath('-')).toBeUndefined();
    for (const path of ['a.txt', 'a.wav.bak', 'v1.2']) {
      expect(() => formatOfPath(path)).toThrow(errorWithCode('FORMAT_UNKNOWN'));
      expect(() => formatOfPath(path)).toThrow('.wav, .wave, .pcm');
    }
  });
});

describe('audio files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'linnet-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it.each(['wav', 'mp3', 'opus', 'aac', 'm4a', 'flac'] as const)(
    'are written and read back (%s)',
    async (name) => {
      const path = join(folder, `tone: 1.${AUDIO_FORMATS[name].extension}`);
      const written = await writeAudioFile(piecesOf(TONE, 3_000), path, AUDIO_FORMATS[name]);
      expect(written.numSamples).toBe(TONE.length);
      expect(written.numBytes).toBe(readFileSync(path).length);
      expect(readdirSync(folder)).toHaveLength(1);
      const samples = await readAudioFile(path);
      expect(Math.abs(samples.length - TONE.length)).toBeLessThan(4_800);
      expect(amplitudeAt(samples.subarray(SECOND / 2, SECOND * 1.5), 440)).toBeCloseTo(0.5, 1);
    },
  );

  it.each(['wav', 'flac'] as const)('name their exact length (%s)', async (name) => {
    const path = join(folder, `exact.${name}`);
    await writeAudioFile(piecesOf(TONE.subarray(0, 12_345), 1_000), path, AUDIO_FORMATS[name]);
    const bytes = readFileSync(path);
    const named =
      name === 'wav'
        ? bytes.readUInt32LE(40) / 2
        : (bytes[21]! & 0x0f) * 2 ** 32 + bytes.readUInt32BE(22);
    expect(named).toBe(12_345);
    expect(decodeWith(bytes)).toHaveLength(12_345);
  });

  it('have the index of m4a before the audio', async () => {
    const path = join(folder, 'tone.m4a');
    const { numBytes } = await writeAudioFile(piecesOf(TONE, 3_000), path, AUDIO_FORMATS.m4a);
    const bytes = readFileSync(path);
    expect(numBytes).toBe(bytes.length);
    const boxes: string[] = [];
    for (let offset = 0; offset < bytes.length; offset += bytes.readUInt32BE(offset)) {
      boxes.push(bytes.toString('latin1', offset + 4, offset + 8));
    }
    expect(boxes.filter((box) => box !== 'free')).toEqual(['ftyp', 'moov', 'mdat']);
    expect(bytes.toString('latin1', 8, 12)).toBe('M4A ');
  });

  it.each([
    ['adpcm_ms', 'wav'],
    ['adpcm_ima_wav', 'wav'],
    ['pcm_mulaw', 'wav'],
    ['pcm_alaw', 'wav'],
    ['pcm_s16le', 'w64'],
    ['pcm_s16le', 'rf64'],
    ['pcm_s16be', 'aiff'],
  ])('are read whatever their coding (%s in %s)', async (codec, container) => {
    const path = join(folder, 'coded.wav');
    const source = ['-f', 's16le', '-ar', '24000', '-ac', '1', '-i', 'pipe:0'];
    const format = container === 'rf64' ? ['-f', 'wav', '-rf64', 'always'] : ['-f', container];
    const made = spawnSync(FFMPEG, ['-v', 'error', ...source, '-c:a', codec, ...format, path], {
      input: toS16Bytes(TONE),
    });
    expect(made.stderr.toString()).toBe('');
    for (const input of [path, createReadStream(path)]) {
      const parts: number[] = [];
      for await (const part of openAudio(input)) {
        parts.push(...part);
      }
      expect(Math.abs(parts.length - TONE.length)).toBeLessThan(1_024);
      const middle = Float32Array.from(parts).subarray(SECOND / 2, SECOND * 1.5);
      expect(amplitudeAt(middle, 440)).toBeCloseTo(0.5, 1);
    }
  });

  it('are read in pieces, as fast as they are wanted', async () => {
    const path = join(folder, 'long.flac');
    const minute = new Float32Array(60 * SECOND);
    await writeAudioFile(piecesOf(minute, SECOND), path, AUDIO_FORMATS.flac);
    const reading = openAudio(path);
    const first = await reading.next();
    expect((first.value as Float32Array).length).toBeLessThan(5 * SECOND);
    // ffmpeg cannot get rid of a minute: it is stopped by its reader
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(childrenNamed('ffmpeg')).toHaveLength(1);
    await reading.return();
    await waitUntil(() => childrenNamed('ffmpeg').length === 0);
  });

  it('do not appear when the speech fails, is empty or is cancelled', async () => {
    const path = join(folder, 'never.mp3');
    writeFileSync(path, 'what was there before');
    async function* failing(): AsyncGenerator<Float32Array> {
      yield await Promise.resolve(TONE);
      throw new Error('in the middle');
    }
    const format = AUDIO_FORMATS.mp3;
    await expect(writeAudioFile(failing(), path, format)).rejects.toThrow(
      errorWithCode('INTERNAL'),
    );
    await expect(writeAudioFile(piecesOf(new Float32Array(0), 1), path, format)).rejects.toThrow(
      errorWithCode('AUDIO_EMPTY'),
    );
    const signal = AbortSignal.abort();
    await expect(writeAudioFile(piecesOf(TONE, 10), path, format, { signal })).rejects.toThrow(
      errorWithCode('CANCELLED'),
    );
    expect(readdirSync(folder)).toEqual(['never.mp3']);
    expect(readFileSync(path, 'utf8')).toBe('what was there before');
    await waitUntil(() => childrenNamed('ffmpeg').length === 0);
  });

  it('report places where nothing can be written', async () => {
    const write = (path: string) => writeAudioFile(piecesOf(TONE, 1_000), path, AUDIO_FORMATS.wav);
    await expect(write(folder)).rejects.toThrow(errorWithCode('FILE_WRITE_FAILED'));
    await expect(write(join(folder, 'no', 'where.wav'))).rejects.toThrow(
      errorWithCode('FILE_WRITE_FAILED'),
    );
    await expect(write('/dev/full')).rejects.toThrow(errorWithCode('FILE_WRITE_FAILED'));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('are refused when they are something else', async () => {
    const at = (name: string, content: string | Uint8Array) => {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    };
    const text = at('text.wav', 'This is not audio.\n'.repeat(50));
    await expect(readAudioFile(text)).rejects.toThrow(errorWithCode('AUDIO_INVALID'));
    await expect(readAudioFile(at('empty.wav', ''))).rejects.toThrow(errorWithCode('AUDIO_EMPTY'));
    await expect(readAudioFile(folder)).rejects.toThrow(errorWithCode('FILE_READ_FAILED'));
    await expect(readAudioFile(join(folder, 'none.wav'))).rejects.toThrow(
      errorWithCode('FILE_NOT_FOUND'),
    );
    const playlist = at(
      'list.m3u8',
      '#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n',
    );
    await expect(readAudioFile(playlist)).rejects.toThrow(errorWithCode('AUDIO_INVALID'));
    const picture = at(
      'random.mp3',
      Uint8Array.from({ length: 5_000 }, (_, index) => (index * 7_919) % 251),
    );
    await expect(readAudioFile(picture)).rejects.toThrow(errorWithCode('AUDIO_INVALID'));
  });

  it('stop being read when the caller leaves', async () => {
    const path = join(folder, 'long.mp3');
    await writeAudioFile(piecesOf(TONE, 3_000), path, AUDIO_FORMATS.mp3);
    const reading = readAudioFile(path, { signal: AbortSignal.abort() });
    await expect(reading).rejects.toThrow(errorWithCode('CANCELLED'));
  });
});
