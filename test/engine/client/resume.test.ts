import { rm } from 'node:fs/promises';
import { Engine } from '../../../engine/client/engine.js';
import type { OpenOptions, SpeechChunk, SpeechContext } from '../../../tts/types.js';
import { join } from '../../helpers/chunks.js';
import { writeTinyModels } from '../../helpers/tiny-models.js';

const FIRST = 'Well, one two three. And four ';
const SECOND = 'five six seven, eight. ';
const THIRD = 'Nine and ten!';

let folder: string;
let engine: Engine;
let other: Engine;

beforeAll(async () => {
  folder = await writeTinyModels();
  const options = { device: 'cpu', threads: 1, model: folder } as const;
  [engine, other] = await Promise.all([Engine.load(options), Engine.load(options)]);
}, 60_000);

afterAll(async () => {
  await engine.close();
  await other.close();
  await rm(folder, { recursive: true });
});

/** The samples of chunks, joined. */
function joinChunks(chunks: readonly SpeechChunk[]): Float32Array {
  return join(chunks.map(({ samples }) => samples));
}

/** Reads on until a flush is answered. */
async function readToFlush(context: SpeechContext): Promise<SpeechChunk[]> {
  const chunks: SpeechChunk[] = [];
  for (;;) {
    const { value } = await context.next();
    chunks.push(value!);
    if (value!.flushed !== undefined) {
      return chunks;
    }
  }
}

async function readToEnd(context: SpeechContext): Promise<SpeechChunk[]> {
  const chunks: SpeechChunk[] = [];
  for await (const chunk of context) {
    chunks.push(chunk);
  }
  return chunks;
}

/** Speaks the first text to its flush, and gives the context and the snapshot. */
async function begin(options: OpenOptions): Promise<[SpeechContext, Uint8Array]> {
  const context = engine.open(options);
  context.push(FIRST);
  context.flush({ snapshot: true });
  const chunks = await readToFlush(context);
  return [context, chunks.at(-1)!.snapshot!];
}

/** Says the rest, a flush in between, as whatever goes on from the snapshot must say it. */
async function goOn(context: SpeechContext): Promise<SpeechChunk[]> {
  context.push(SECOND);
  context.flush();
  const chunks = await readToFlush(context);
  context.push(THIRD);
  context.finish();
  return [...chunks, ...(await readToEnd(context))];
}

describe('a speech that goes on from a snapshot', () => {
  it.each([1, 1.5])(
    'sounds as the first would have, anywhere, at speed %d',
    async (speed) => {
      const [context, snapshot] = await begin({ voice: 'second', seed: 9, speed, temperature: 1 });
      const expected = await goOn(context);
      const samples = joinChunks(expected);
      expect(samples.length).toBeGreaterThan(10_000);
      for (const place of [engine, other, engine]) {
        const resumed = await goOn(place.open({ resume: snapshot }));
        expect(joinChunks(resumed)).toEqual(samples);
        expect(resumed.flatMap(({ words }) => words)).toEqual(
          expected.flatMap(({ words }) => words),
        );
      }
    },
    60_000,
  );

  it('says what it is told to, and not what others say that began with it', async () => {
    const [context, snapshot] = await begin({});
    context.cancel();
    const forks = [SECOND, THIRD].map((text) => {
      const fork = engine.open({ resume: snapshot });
      fork.push(text);
      fork.finish();
      return readToEnd(fork);
    });
    const words = (await Promise.all(forks)).map((chunks) =>
      chunks.flatMap((chunk) => chunk.words.map(({ word }) => word)).join(' '),
    );
    expect(words).toEqual([SECOND.trim(), THIRD]);
  });

  it('begins anew where nothing was said yet', async () => {
    const empty = engine.open({ voice: 'second' });
    empty.flush({ snapshot: true });
    const [{ snapshot }] = (await readToFlush(empty)) as [SpeechChunk];
    empty.cancel();
    const [whole, resumed] = [engine.open({ voice: 'second' }), engine.open({ resume: snapshot! })];
    for (const context of [whole, resumed]) {
      context.push(THIRD);
      context.finish();
    }
    const samples = joinChunks(await readToEnd(whole));
    expect(samples.length).toBeGreaterThan(1_000);
    expect(joinChunks(await readToEnd(resumed))).toEqual(samples);
  });

  it('has nothing left to say without more text', async () => {
    const [context, snapshot] = await begin({});
    const resumed = engine.open({ resume: snapshot });
    for (const each of [context, resumed]) {
      each.finish();
      expect(joinChunks(await readToEnd(each))).toHaveLength(0);
    }
  });

  it('gives no snapshot unless asked', async () => {
    const context = engine.open();
    context.push('One.');
    context.flush();
    expect((await readToFlush(context)).at(-1)).not.toHaveProperty('snapshot');
    context.cancel();
  });

  it('is refused with other options, or from what is no snapshot of these models', async () => {
    const [context, snapshot] = await begin({});
    context.cancel();
    const next = (options: OpenOptions) => engine.open(options).next();
    await expect(next({ resume: snapshot, voice: 'first' })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    });
    await expect(next({ resume: 'text' as never })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    });
    const damaged = [new Uint8Array(0), snapshot.subarray(1), new Uint8Array(5_000).fill(65)];
    for (let length = 1; length < snapshot.length; length = Math.ceil(length * 1.7)) {
      damaged.push(snapshot.slice(0, length));
    }
    for (let index = 0; index < snapshot.length; index = Math.ceil((index + 1) * 1.1)) {
      const flipped = snapshot.slice();
      flipped[index]! ^= 1;
      damaged.push(flipped);
    }
    expect(damaged.length).toBeGreaterThan(80);
    for (const bytes of damaged) {
      await expect(next({ resume: bytes })).rejects.toMatchObject({ code: 'STATE_INVALID' });
    }
  }, 60_000);
});
