import { rm } from 'node:fs/promises';
import { Engine } from '../../../engine/client/engine.js';
import { errorWithCode } from '../../helpers/errors.js';
import { writeTinyModels } from '../../helpers/tiny-models.js';

const TEXT =
  'The first sentence is short. The second one, which follows at once, is somewhat longer! Is it?';

let folder: string;
let engine: Engine;

beforeAll(async () => {
  folder = await writeTinyModels();
  engine = await Engine.load({ device: 'cpu', threads: 1, model: folder });
}, 60_000);

afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

describe('Engine.open', () => {
  it('speaks what is pushed before its end is known, and tells of flushes', async () => {
    const context = engine.open();
    const spoken: { words: string[]; flushed: number[] } = { words: [], flushed: [] };
    for (const piece of TEXT.split(/(?<= )/)) {
      context.push(piece);
    }
    const first = context.flush();
    context.push(' And more');
    const second = context.flush();
    let hasSamples = false;
    for await (const { samples, words, flushed } of context) {
      hasSamples ||= samples.length > 0;
      spoken.words.push(...words.map(({ word }) => word));
      if (flushed === first) {
        expect(spoken.words.join(' ')).toBe(TEXT);
      }
      if (flushed !== undefined) {
        spoken.flushed.push(flushed);
      }
      if (flushed === second) {
        context.finish();
      }
    }
    expect(hasSamples).toBe(true);
    expect(spoken).toEqual({ words: `${TEXT} And more`.split(' '), flushed: [first, second] });
  });

  it('gives audio while the text is still open', async () => {
    const context = engine.open();
    context.push('One two three four five six seven eight nine ten eleven ');
    const { value } = await context.next();
    expect(value?.samples.length).toBeGreaterThan(0);
    context.cancel();
    await expect(context.next()).resolves.toEqual({ done: true, value: undefined });
  });

  it('takes nothing once it was ended', async () => {
    const finished = engine.open();
    finished.finish();
    const cancelled = engine.open();
    cancelled.cancel();
    for (const context of [finished, cancelled]) {
      expect(() => context.flush()).toThrow(errorWithCode('STATE_INVALID'));
      expect(() => {
        context.push('more');
      }).toThrow(errorWithCode('STATE_INVALID'));
      await expect(context.next()).resolves.toEqual({ done: true, value: undefined });
    }
  });

  it('fails at its first chunk if an option is wrong', async () => {
    const context = engine.open({ voice: 'nobody' });
    context.push('Hello');
    await expect(context.next()).rejects.toMatchObject({ code: 'VOICE_UNKNOWN' });
  });
});
