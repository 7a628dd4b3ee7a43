import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineConnection } from '../../../engine/client/connection.js';
import { Engine, type SpeakOptions, type WordTime } from '../../../engine/client/engine.js';
import { Speech } from '../../../engine/client/speech.js';
import { Dictionary } from '../../../tts/text/index.js';
import type { SpeechChunk } from '../../../tts/types.js';
import { join as joinSamples } from '../../helpers/chunks.js';
import { waitUntil } from '../../helpers/processes.js';
import { writeTinyModels } from '../../helpers/tiny-models.js';
import { watchCalls } from '../../helpers/watch-calls.js';

const TEXT =
  'The first sentence is short. The second one, which follows at once, is somewhat longer! Is it?';
const WORKER = new URL('../../helpers/crashing-worker.js', import.meta.url);

let folder: string;
let engine: Engine;

beforeAll(async () => {
  folder = await writeTinyModels();
  engine = await Engine.load({ device: 'cpu', threads: 1, model: folder }, WORKER);
}, 60_000);

afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

type Spoken = { samples: Float32Array; words: WordTime[]; sizes: number[] };

async function speak(
  text: string | AsyncIterable<string>,
  options: SpeakOptions = {},
): Promise<Spoken> {
  const pieces: Float32Array[] = [];
  const words: WordTime[] = [];
  for await (const chunk of engine.speak(text, options)) {
    pieces.push(chunk.samples);
    words.push(...chunk.words);
  }
  return { samples: joinSamples(pieces), words, sizes: pieces.map(({ length }) => length) };
}

async function* pieces(text: string, size: number): AsyncGenerator<string> {
  for (let start = 0; start < text.length; start += size) {
    await new Promise((resolve) => setImmediate(resolve));
    yield text.slice(start, start + size);
  }
}

describe('Engine.speak', () => {
  it('gives finite samples, the first chunk a short one, and every word once and in order', async () => {
    const { samples, words, sizes } = await speak(TEXT);
    expect(samples.length).toBeGreaterThan(24000);
    expect(samples.every((sample) => sample >= -1 && sample <= 1)).toBe(true);
    expect(sizes[0]).toBeLessThanOrEqual(0.2 * 24000);
    expect(words.map(({ word }) => word).join(' ')).toBe(TEXT);
    let last = 0;
    for (const { startSeconds, endSeconds } of words) {
      expect(startSeconds).toBeGreaterThanOrEqual(last);
      expect(endSeconds).toBeGreaterThanOrEqual(startSeconds);
      expect(endSeconds).toBeLessThanOrEqual(samples.length / 24000);
      last = startSeconds;
    }
  });

  it('gives the same bytes for the same seed, and others for another', async () => {
    const first = await speak(TEXT, { seed: 5 });
    expect((await speak(TEXT, { seed: 5 })).samples).toEqual(first.samples);
    expect((await speak(TEXT, { seed: 6 })).samples).not.toEqual(first.samples);
    expect((await speak(TEXT, { seed: 5, voice: 'second' })).samples).not.toEqual(first.samples);
  });

  it('speaks by the temperature, which at 0 leaves nothing of the words to chance', async () => {
    const at = (seed: number, temperature: number) => speak(TEXT, { seed, temperature });
    const [cold, hot] = [await at(5, 0.3), await at(5, 2)];
    expect(hot.samples).not.toEqual(cold.samples);
    expect(hot.words).not.toEqual(cold.words);
    const [one, other] = [await at(5, 0), await at(6, 0)];
    expect(other.words).toEqual(one.words);
    // the flow's noise is the seed's alone
    expect(other.samples).not.toEqual(one.samples);
    expect((await at(6, 2)).words).not.toEqual(hot.words);
  });

  it.each([1, 7, 40])('gives the same bytes for text in pieces of %d', async (size) => {
    const whole = await speak(TEXT);
    const cut = await speak(pieces(TEXT, size));
    expect(cut.samples).toEqual(whole.samples);
    expect(cut.words).toEqual(whole.words);
  });

  it('gives many streams at once what each gets alone', async () => {
    const seeds = [1, 2, 3, 4, 5];
    const alone = [];
    for (const seed of seeds) {
      alone.push((await speak(TEXT, { seed })).samples);
    }
    const together = await Promise.all(seeds.map((seed) => speak(TEXT, { seed })));
    expect(together.map(({ samples }) => samples)).toEqual(alone);
  });

  it('halves the duration at speed 2, and the times of the words with it', async () => {
    const natural = await speak(TEXT);
    const fast = await speak(TEXT, { speed: 2 });
    expect(Math.abs(fast.samples.length - natural.samples.length / 2)).toBeLessThan(2);
    expect(fast.words.map(({ word }) => word)).toEqual(natural.words.map(({ word }) => word));
    expect(fast.words.at(-1)!.startSeconds).toBeCloseTo(natural.words.at(-1)!.startSeconds / 2);
  });

  it.each([
    ['VOICE_UNKNOWN', TEXT, { voice: 'nobody' }],
    ['SPEED_OUT_OF_RANGE', TEXT, { speed: 0 }],
    ['SPEED_OUT_OF_RANGE', TEXT, { speed: NaN }],
    ['OPTION_INVALID', TEXT, { seed: -1 }],
    ['OPTION_INVALID', TEXT, { seed: 1.5 }],
    ['OPTION_INVALID', TEXT, { seed: 2 ** 32 }],
    ['OPTION_INVALID', TEXT, { temperature: 3 }],
    ['OPTION_INVALID', 5 as unknown as string, {}],
    ['TEXT_EMPTY', '', {}],
    ['TEXT_EMPTY', ' \n ', {}],
    ['TEXT_EMPTY', '...', {}],
  ])('fails with %s for %j and %j', async (code, text, options) => {
    await expect(speak(text, options)).rejects.toMatchObject({ code });
  });

  it('ends at once when its consumer leaves', async () => {
    const speech = engine.speak('word '.repeat(5000));
    await speech.next();
    const waiting = [speech.next(), speech.next(), speech.next(), speech.next(), speech.next()];
    await speech.return!();
    expect((await Promise.all(waiting)).at(-1)).toEqual({ done: true, value: undefined });
    expect(await speech.next()).toEqual({ done: true, value: undefined });
  });

  it('ends the source of its text when its consumer leaves', async () => {
    let isEnded = false;
    async function* endless(): AsyncGenerator<string> {
      try {
        for (;;) {
          await new Promise((resolve) => setImmediate(resolve));
          yield 'more and more words. ';
        }
      } finally {
        isEnded = true;
      }
    }
    for await (const chunk of engine.speak(endless())) {
      expect(chunk.samples.length).toBeGreaterThan(0);
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isEnded).toBe(true);
  });

  it('is cancelled by its signal, before and during the speech', async () => {
    await expect(speak(TEXT, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    const controller = new AbortController();
    const speech = engine.speak('word '.repeat(5000), { signal: controller.signal });
    await speech.next();
    controller.abort();
    await expect(speech.next()).rejects.toMatchObject({ code: 'CANCELLED' });
    expect((await speech.next()).done).toBe(true);
  });

  it('goes on for a consumer that lets it get ahead', async () => {
    let numSamples = 0;
    const unwatch = watchCalls(Speech.prototype, 'receive', (_, [event]) => {
      numSamples += (event as { chunk?: SpeechChunk }).chunk?.samples.length ?? 0;
    });
    try {
      const speech = engine.speak(TEXT.repeat(8));
      await speech.next();
      // as much as it makes without being told that anything was taken
      await waitUntil(() => numSamples > 4 * engine.sampleRate, 20_000);
      for await (const { samples } of speech) {
        expect(samples.length).toBeGreaterThan(0);
      }
      expect(numSamples).toBeGreaterThan(6 * engine.sampleRate);
    } finally {
      unwatch();
    }
  });

  it('tells what ended it once', async () => {
    const controller = new AbortController();
    const speech = engine.speak(TEXT, { signal: controller.signal });
    await speech.next();
    controller.abort();
    // nobody waited, so the error is kept for the next call
    await expect(speech.next()).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await speech.next()).toEqual({ done: true, value: undefined });
  });

  it('passes on what the source of its text throws, and does others no harm', async () => {
    async function* failing(): AsyncGenerator<string> {
      yield 'Some words come. ';
      await Promise.reject(new RangeError('and then this'));
    }
    const [failed, sound] = await Promise.allSettled([speak(failing()), speak(TEXT)]);
    expect(failed).toMatchObject({ status: 'rejected', reason: { message: 'and then this' } });
    expect(sound.status).toBe('fulfilled');
  });

  it('speaks on when text comes late', async () => {
    async function* slow(): AsyncGenerator<string> {
      yield 'This comes early. ';
      await new Promise((resolve) => setTimeout(resolve, 300));
      yield 'And this comes late.';
    }
    const early = await speak('This comes early. And this comes late.');
    expect((await speak(slow())).samples).toEqual(early.samples);
  });

  it('starts its worker again after a crash, which ends the streams in it', async () => {
    const before = await speak(TEXT);
    async function* crashing(): AsyncGenerator<string> {
      await Promise.resolve();
      yield 'Some words [crash] more words.';
    }
    const results = await Promise.allSettled([speak('word '.repeat(5000)), speak(crashing())]);
    for (const result of results) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'ENGINE_CRASHED' } });
    }
    expect((await speak(TEXT)).samples).toEqual(before.samples);
  }, 30_000);
});

describe('Engine.stages', () => {
  it('tells what each stage took, with one stream in each run of a lonely speech', async () => {
    await speak(TEXT);
    // what was told last may be of before
    await new Promise((resolve) => setTimeout(resolve, 250));
    for (const stage of ['text', 'tokens', 'latents', 'samples'] as const) {
      const { runs, streams, seconds } = engine.stages![stage];
      expect(runs).toBeGreaterThan(0);
      expect(streams).toBe(runs);
      expect(seconds).toBeGreaterThan(0);
    }
    const before = engine.stages!.tokens.runs;
    await speak(TEXT);
    await waitUntil(() => engine.stages!.tokens.runs > before);
  });
});

describe('the dictionaries of Engine.speak', () => {
  const said = 'This is what a longer phrase sounds like.';

  it('hold for their own text alone, whatever the others have', async () => {
    const plain = await speak('This is x.');
    const wanted = await speak(said);
    const record = { x: 'what a longer phrase sounds like' };
    const kept = Dictionary.fromRecord(record);
    expect((await speak('This is x.', { dictionary: kept })).samples).toEqual(wanted.samples);
    const [other, alone, ...many] = await Promise.all([
      speak('This is x.'),
      speak('This is x.', { dictionary: record }),
      // more than a worker keeps
      ...Array.from({ length: 20 }, () =>
        speak('This is x.', { dictionary: [{ x: 'no' }, record] }),
      ),
    ]);
    expect(other.samples).toEqual(plain.samples);
    for (const { samples } of [alone, ...many]) {
      expect(samples).toEqual(wanted.samples);
    }
    // the worker has forgotten it in the meantime
    expect((await speak('This is x.', { dictionary: kept })).samples).toEqual(wanted.samples);
  }, 60_000);

  it('reach the next worker after a crash', async () => {
    const dictionary = Dictionary.fromRecord({ x: 'what a longer phrase sounds like' });
    const before = await speak('This is x.', { dictionary });
    async function* crashing() {
      yield await Promise.resolve('Some [crash].');
    }
    await expect(speak(crashing())).rejects.toMatchObject({ code: 'ENGINE_CRASHED' });
    expect((await speak('This is x.', { dictionary })).samples).toEqual(before.samples);
  }, 60_000);

  it.each([
    { dictionary: { x: 'HH QQ' } },
    { dictionary: 5 },
    { dictionary: { x: 5 } },
    { dictionary: Array.from({ length: 9 }, () => ({})) },
    { dictionary: Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`w${i}`, 'x'])) },
  ])('are checked', async (options) => {
    await expect(speak('x', options as unknown as SpeakOptions)).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    });
  });
});

describe('Engine.load', () => {
  it('reports models that are not there', async () => {
    await expect(Engine.load({ device: 'cpu', model: '/nowhere' })).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
    });
  });

  it.each([{ device: 'abacus' as 'cpu' }, { threads: 0 }])('refuses %j', async (options) => {
    await expect(Engine.load(options)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });

  it('fails what comes after close', async () => {
    const closed = await Engine.load({ device: 'cpu', model: folder, warmUp: false });
    expect(closed.voices.map(({ id }) => id)).toEqual(['first', 'second']);
    const speech = closed.speak('word '.repeat(1000));
    await speech.next();
    await closed.close();
    await closed.close();
    await expect(speech.next()).rejects.toMatchObject({ code: 'ENGINE_CLOSED' });
    await expect(closed.speak(TEXT).next()).rejects.toMatchObject({ code: 'ENGINE_CLOSED' });
  });
});

describe('Engine.loadCodec', () => {
  it('tells the hash of the weights that the worker loaded', async () => {
    const weights = await readFile(join(folder, 'codec', 'model.safetensors'));
    const expected = createHash('sha256').update(weights).digest('hex');
    expect((await engine.loadCodec('rvq')).weightsHash).toBe(expected);
  });

  it('passes the number of codebooks on, whole and in streams', async () => {
    const codec = await engine.loadCodec('rvq');
    const pcm = Float32Array.from({ length: 5000 }, (_, index) => Math.sin(index / 9) / 3);
    const stream = codec.encoder({ numCodebooks: 1 });
    const codes = [await stream.push(pcm), await stream.flush()];
    expect(codes.map(({ numCodebooks }) => numCodebooks)).toEqual([1, 1]);
    await stream.close();
    expect((await codec.encode(pcm, { numCodebooks: 1 })).numCodebooks).toBe(1);
  });

  it('closes the streams of the worker', async () => {
    const calls: (readonly unknown[])[] = [];
    const unwatch = watchCalls(EngineConnection.prototype, 'call', (_, args) => calls.push(args));
    try {
      const stream = (await engine.loadCodec('rvq')).decoder();
      await stream.flush();
      await stream.close();
      await stream.close();
      const [, id] = calls.find(([method]) => method === 'flushDecoder')!;
      const closed = calls.filter(([method]) => method === 'closeStream');
      expect(closed).toEqual([['closeStream', id]]);
    } finally {
      unwatch();
    }
  });

  it('encodes and decodes in the worker, whole and in streams', async () => {
    const codec = await engine.loadCodec('rvq');
    const pcm = Float32Array.from({ length: 5000 }, (_, index) => Math.sin(index / 9) / 3);
    const codes = await codec.encode(pcm, { numCodebooks: 2 });
    expect(codes).toMatchObject({ numCodebooks: 2, numSamples: 5000 });
    const whole = await codec.decode(codes);
    expect(whole).toHaveLength(5000);
    const stream = codec.decoder();
    const parts = [await stream.push(codes), await stream.flush()];
    expect(joinSamples(parts)).toEqual(whole);
    await stream.close();
    await expect(stream.push(codes)).rejects.toMatchObject({ code: 'STATE_INVALID' });
    expect(() => codec.encoder({ numCodebooks: 99 })).toThrow();
    await expect(codec.encode(new Float32Array(0))).rejects.toMatchObject({ code: 'AUDIO_EMPTY' });
    await codec.close();
  });

  it('refuses a kind that does not exist', async () => {
    await expect(engine.loadCodec('mp3' as 'rvq')).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    });
  });
});
