import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Engine } from '../../engine/client/engine.js';
import { readWav } from '../../src/audio/wav-reader.js';
import { startScript } from '../helpers/command.js';
import { waitUntil } from '../helpers/processes.js';
import { startTestServer, type TestServer } from '../helpers/server.js';
import { rms } from '../helpers/tones.js';

const MAIN = 'src/cli/main.js';
const SENTENCE = 'The quick brown fox jumps over the lazy old dog.';

function expectSpeech(samples: Float32Array, minSeconds: number, maxSeconds: number): void {
  expect(samples.length / 24_000).toBeGreaterThan(minSeconds);
  expect(samples.length / 24_000).toBeLessThan(maxSeconds);
  expect(rms(samples)).toBeGreaterThan(0.005);
}

type SpeechEvent = {
  type: string;
  audio?: string;
  words?: { word: string; start: number; end: number }[];
};

function toFloats(pcm: Uint8Array): Float32Array {
  const view = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  return Float32Array.from(
    { length: pcm.length / 2 },
    (_, index) => view.getInt16(index * 2, true) / 32_768,
  );
}

describe('the command line with the real models', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'linnet-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const run = (args: string[], input?: string) =>
    startScript(MAIN, args, { cwd: folder, ...(input === undefined ? {} : { input }) }).result;

  it('speaks into a file, and encodes and decodes it', async () => {
    const spoken = await run(['speak', SENTENCE, '--device', 'cpu']);
    expect(spoken.stderr).toMatch(/^speech\.wav: /);
    const { samples } = readWav(readFileSync(join(folder, 'speech.wav')));
    expectSpeech(samples, 1.5, 8);
    for (const codec of ['rvq', 'single']) {
      expect((await run(['encode', 'speech.wav', '--codec', codec, '-o', 'speech.lnt'])).code).toBe(
        0,
      );
      expect((await run(['decode', 'speech.lnt', '-o', 'back.wav'])).code).toBe(0);
      const back = readWav(readFileSync(join(folder, 'back.wav'))).samples;
      expect(back).toHaveLength(samples.length);
      expect(rms(back) / rms(samples)).toBeGreaterThan(0.5);
      expect(rms(back) / rms(samples)).toBeLessThan(2);
    }
  }, 90_000);

  it('gives the same bytes for the same seed, also when the text comes through a pipe', async () => {
    const args = ['-o', '-', '--format', 'pcm', '--device', 'cpu', '--seed'];
    const first = await run(['speak', SENTENCE, ...args, '5']);
    const second = await run(['speak', ...args, '5'], SENTENCE);
    const other = await run(['speak', SENTENCE, ...args, '6']);
    expect(first.stdout.length).toBeGreaterThan(0);
    expect(second.stdout.equals(first.stdout)).toBe(true);
    expect(other.stdout.equals(first.stdout)).toBe(false);
  }, 60_000);

  it.each([
    ['text', 'Dr. Smith paid $5 for it, in 2024. "Why?" she asked; nobody knew.'],
    [
      'ssml',
      '<speak>One moment.<break time="1s"/><prosody rate="fast">Then it went on &amp; on.</prosody></speak>',
    ],
  ])(
    'writes the times of the words of %s',
    async (format, text) => {
      const spoken = await run(['speak', text, '--input-format', format, '-o', 'w.wav', '--captions', 'w.json']); // prettier-ignore
      expect(spoken.code).toBe(0);
      const durationSeconds = readWav(readFileSync(join(folder, 'w.wav'))).samples.length / 24_000;
      const words = JSON.parse(readFileSync(join(folder, 'w.json'), 'utf8')) as { word: string; start: number; end: number }[]; // prettier-ignore
      expect(words.length).toBeGreaterThan(7);
      let lastEnd = 0;
      for (const { start, end } of words) {
        expect(start).toBeGreaterThanOrEqual(lastEnd);
        expect(end).toBeGreaterThan(start);
        lastEnd = end;
      }
      // not far from the end of the audio, and not cut to it
      expect(lastEnd).toBeLessThan(durationSeconds);
      expect(lastEnd).toBeGreaterThan(durationSeconds - 1);
    },
    60_000,
  );

  it('leaves nothing behind when a megabyte of text is interrupted', async () => {
    const { child, result } = startScript(MAIN, ['speak', '-o', 'long.wav'], {
      cwd: folder,
      input: `${SENTENCE} `.repeat(21_000),
    });
    await waitUntil(() => readdirSync(folder).some((name) => name.includes('long')), 60_000);
    child.kill('SIGINT');
    expect((await result).code).toBe(130);
    expect(readdirSync(folder).filter((name) => name.includes('long'))).toEqual([]);
  }, 90_000);
});

describe('the server with the real models', () => {
  let engine: Engine;
  let server: TestServer;
  beforeAll(async () => {
    engine = await Engine.load({ device: 'cpu' });
    server = await startTestServer(engine, { maxInput: 2_000_000 });
  }, 120_000);
  afterAll(async () => {
    await server.close();
  });

  async function speak(change: object): Promise<Uint8Array> {
    const body = { model: 'tts-1', voice: 'alloy', input: SENTENCE, response_format: 'pcm' };
    const response = await server.post({ ...body, ...change });
    expect(response.status).toBe(200);
    return new Uint8Array(await response.arrayBuffer());
  }

  it('speaks with every voice, and each in its own way', async () => {
    const spoken = new Set<string>();
    for (const { id } of engine.voices) {
      const pcm = await speak({ voice: id });
      expectSpeech(toFloats(pcm), 1.5, 8);
      spoken.add(Buffer.from(pcm).toString('base64'));
    }
    expect(spoken.size).toBe(engine.voices.length);
    expect(engine.voices.length).toBeGreaterThanOrEqual(3);
  }, 60_000);

  it('speaks SSML: a pause of a second is silence, and two voices are two', async () => {
    const input =
      '<speak>Good morning.<break time="1s"/><voice name="michael">Good morning.</voice></speak>';
    const samples = toFloats(await speak({ input, input_format: 'ssml', voice: 'heart', seed: 3 }));
    const alone = { input: 'Good morning.', seed: 3 };
    const first = toFloats(await speak({ ...alone, voice: 'heart' }));
    const second = toFloats(await speak({ ...alone, voice: 'michael' }));
    expect(samples).toHaveLength(first.length + 24_000 + second.length);
    const silence = samples.subarray(first.length, first.length + 24_000);
    expect(silence.every((sample) => sample === 0)).toBe(true);
    expect(samples.subarray(0, first.length)).toEqual(first);
    expect(samples.subarray(first.length + 24_000)).toEqual(second);
    expectSpeech(first, 0.4, 4);
    expectSpeech(second, 0.4, 4);
  }, 60_000);

  it('keeps to seed and speed, alone and among others', async () => {
    const alone = await speak({ seed: 3 });
    const [together] = await Promise.all([
      speak({ seed: 3 }),
      speak({ seed: 4 }),
      speak({ seed: 5 }),
    ]);
    expect(Buffer.from(together).equals(Buffer.from(alone))).toBe(true);
    const fast = await speak({ seed: 3, speed: 2 });
    expect(fast.length / 2).toBe(Math.round(alone.length / 2 / 2));
  }, 60_000);

  it('gives each of 16 at once exactly the samples that it gives it alone', async () => {
    const nouns = ['fox', 'cat', 'train', 'river', 'king', 'lamp', 'storm', 'piano'];
    const requests = Array.from({ length: 16 }, (_, index) => ({
      input: `The ${nouns[index % 8]} of number ${index + 1} is ${'very '.repeat(index % 3)}old.`,
      seed: 100 + index,
      voice: engine.voices[index % engine.voices.length]!.id,
      speed: index % 4 === 3 ? 1.25 : 1,
    }));
    const alone: Uint8Array[] = [];
    for (const request of requests) {
      alone.push(await speak(request));
    }
    const together = await Promise.all(requests.map((request) => speak(request)));
    for (const [index, pcm] of together.entries()) {
      expectSpeech(toFloats(pcm), 0.5, 8);
      expect(Buffer.from(pcm).equals(alone[index]!)).toBe(true);
    }
    expect(new Set(alone.map((pcm) => Buffer.from(pcm).toString('base64'))).size).toBe(16);
  }, 120_000);

  it('tells in events when each word is spoken, if asked', async () => {
    const ask = async (change: object) => {
      const fields = { response_format: 'pcm', stream_format: 'sse', seed: 3, ...change };
      const text = Buffer.from(await speak(fields)).toString();
      const lines = text.split('\n\n').filter((line) => line !== '');
      return lines.map((line) => JSON.parse(line.slice(6)) as SpeechEvent);
    };
    const events = await ask({ word_timestamps: true });
    const words = events.flatMap((event) => event.words ?? []);
    expect(words.map(({ word }) => word).join(' ')).toBe(SENTENCE);
    const pcm = Buffer.concat(events.map(({ audio }) => Buffer.from(audio ?? '', 'base64')));
    const samples = toFloats(pcm);
    let before = 0;
    for (const { start, end } of words) {
      expect(start).toBeGreaterThanOrEqual(before);
      expect(end).toBeGreaterThan(start);
      expect(rms(samples.subarray(start * 24_000, end * 24_000))).toBeGreaterThan(0.01);
      before = end;
    }
    expect(before).toBeLessThanOrEqual(samples.length / 24_000);
    expect(before).toBeGreaterThan(samples.length / 24_000 - 1);
    // they come while the speech is made
    const types = events.map(({ type }) => type);
    expect(types.indexOf('speech.audio.words')).toBeLessThan(
      types.lastIndexOf('speech.audio.delta'),
    );

    const fast = await ask({ word_timestamps: true, speed: 2 });
    const fastEnd = fast.flatMap((event) => event.words ?? []).at(-1)!.end;
    expect(fastEnd).toBeCloseTo(before / 2, 1);
    const plain = await ask({});
    expect(plain.some(({ type }) => type === 'speech.audio.words')).toBe(false);
    const plainPcm = Buffer.concat(plain.map(({ audio }) => Buffer.from(audio ?? '', 'base64')));
    expect(plainPcm.equals(pcm)).toBe(true);

    // captions are those of the same speech
    const body = { input: SENTENCE, voice: 'alloy', seed: 3, response_format: 'json' };
    const captions = await fetch(`${server.url}/v1/audio/captions`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(await captions.json()).toEqual(words);
  }, 60_000);

  it('speaks to the official client in every format', async () => {
    for (const format of ['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm'] as const) {
      const response = await server.client.audio.speech.create({
        model: 'tts-1',
        voice: 'alloy',
        input: 'Good morning.',
        response_format: format,
      });
      expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(1_000);
    }
  }, 60_000);

  it.each([
    ['!!! ... ???'],
    ['🎉🎉🎉'],
    ['\ud800 broken \udc00 surrogates'],
    ['مرحبا 你好 здравствуйте'],
    ['a\u0000b\u0007c'],
    ['x'.repeat(500)],
    ['$3.50 at 10:45 on 12/24/2025, e.g. info@example.com — 50 % off!'],
    ['"'],
  ])(
    'answers %j with speech or a clear refusal',
    async (input) => {
      const body = { model: 'tts-1', voice: 'alloy', input, response_format: 'pcm' };
      const response = await server.post(body);
      if (response.status === 200) {
        expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(0);
      } else {
        expect(response.status).toBe(400);
        expect(await response.json()).toMatchObject({ error: { code: 'TEXT_EMPTY' } });
      }
    },
    60_000,
  );

  it('starts on a megabyte of text at once, and stops when the client leaves', async () => {
    const abort = new AbortController();
    const body = { model: 'tts-1', voice: 'alloy', response_format: 'pcm' };
    const input = `${SENTENCE} `.repeat(21_000);
    const response = await server.post({ ...body, input }, { signal: abort.signal });
    const reader = response.body!.getReader();
    const first = (await reader.read()) as { value: Uint8Array };
    expect(first.value.length).toBeGreaterThan(0);
    abort.abort();
    expectSpeech(toFloats(await speak({})), 1.5, 8);
    const health = await (await fetch(`${server.url}/healthz`)).json();
    expect(health).toMatchObject({ running: 0, waiting: 0 });
  }, 60_000);
});
