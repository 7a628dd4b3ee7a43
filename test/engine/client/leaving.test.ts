import { getEventListeners } from 'node:events';
import { rename, rm } from 'node:fs/promises';
import { BroadcastChannel } from 'node:worker_threads';
import { EngineConnection } from '../../../engine/client/connection.js';
import { Engine, type SpeakOptions } from '../../../engine/client/engine.js';
import { watchCalls } from '../../helpers/watch-calls.js';
import type { WorkerReport } from '../../helpers/watched-worker.js';
import { writeTinyModels } from '../../helpers/tiny-models.js';

const WORKER = new URL('../../helpers/watched-worker.js', import.meta.url);
const LONG = 'word '.repeat(5000);

let folder: string;
let engine: Engine;
let channel: BroadcastChannel;

beforeAll(async () => {
  folder = await writeTinyModels();
  engine = await Engine.load({ device: 'cpu', threads: 1, model: folder, warmUp: false }, WORKER);
  channel = new BroadcastChannel('linnet worker');
}, 60_000);

afterAll(async () => {
  channel.close();
  await engine.close();
  await rm(folder, { recursive: true });
});

async function speak(
  text: string | AsyncIterable<string>,
  options: SpeakOptions = {},
): Promise<number> {
  let numSamples = 0;
  for await (const { samples } of engine.speak(text, options)) {
    numSamples += samples.length;
  }
  return numSamples;
}

/** Asks the worker, whose answer comes after all that it was told before. */
async function report(): Promise<WorkerReport> {
  // a text is spoken first, since the two ways to the worker do not wait for each other
  await speak('One.');
  return new Promise((resolve) => {
    channel.onmessage = (message) => {
      resolve((message as { data: WorkerReport }).data);
    };
    channel.postMessage('report');
  });
}

describe('a speech that is left', () => {
  // the first of all, since nothing is loaded yet
  it('is never begun if the models were still being loaded', async () => {
    const speech = engine.speak(LONG);
    const first = speech.next();
    await new Promise((resolve) => setImmediate(resolve));
    await speech.return!();
    expect(await first).toEqual({ done: true, value: undefined });
    expect((await report()).runs).toHaveLength(1);
  });

  it.each(['return', 'signal'])('costs the worker nothing any more (%s)', async (way) => {
    const ending = new AbortController();
    const speech = engine.speak(LONG, { signal: ending.signal });
    await speech.next();
    if (way === 'return') {
      await speech.return!();
    } else {
      ending.abort();
    }
    const { numJobs, runs, runsBefore } = await report();
    expect(numJobs).toBe(0);
    // the one that was running when the word came
    expect(runs.at(-2)! - runsBefore.at(-1)!).toBeLessThanOrEqual(1);
    expect(runs.at(-1)).toBeGreaterThan(0);
  });

  it('is not held by the worker when it ended, nor when its text was refused', async () => {
    await speak('One.');
    async function* wordless() {
      yield await Promise.resolve('... ');
      // by now the worker does nothing but wait
      await new Promise((resolve) => setTimeout(resolve, 50));
      yield '?!';
    }
    await expect(speak(wordless())).rejects.toMatchObject({ code: 'TEXT_EMPTY' });
    expect(await report()).toMatchObject({ numJobs: 0 });
  });

  it('ends the source of its text also if that is before its start', async () => {
    let isEnded = false;
    const source: AsyncIterable<string> = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: false, value: 'word ' }),
        return: () => {
          isEnded = true;
          return Promise.resolve({ done: true, value: undefined });
        },
      }),
    };
    const speech = engine.speak(source);
    const first = speech.next();
    await speech.return!();
    await first;
    await new Promise((resolve) => setImmediate(resolve));
    expect(isEnded).toBe(true);
  });
});

describe('what an engine remembers of its speeches', () => {
  it('is nothing, however they end', async () => {
    const opened = new Set<unknown>();
    const unwatch = [
      watchCalls(EngineConnection.prototype, 'open', (_, __, speech) => opened.add(speech)),
      watchCalls(EngineConnection.prototype, 'forget', (_, [speech]) => opened.delete(speech)),
    ];
    const { signal } = new AbortController();
    try {
      await speak('One.', { signal });
      await expect(speak('...', { signal })).rejects.toMatchObject({ code: 'TEXT_EMPTY' });
      const left = engine.speak(LONG, { signal });
      await left.next();
      expect(opened.size).toBe(1);
      expect(getEventListeners(signal, 'abort')).toHaveLength(1);
      await left.return!();
      const ending = new AbortController();
      const cancelled = engine.speak(LONG, { signal: ending.signal });
      await cancelled.next();
      ending.abort();
      expect(opened.size).toBe(0);
      expect(getEventListeners(signal, 'abort')).toHaveLength(0);
      expect(getEventListeners(ending.signal, 'abort')).toHaveLength(0);
    } finally {
      unwatch.forEach((end) => {
        end();
      });
    }
  });

  it('leaves no listener at the signal of its loading', async () => {
    const { signal } = new AbortController();
    const options = { device: 'cpu', threads: 1, model: folder, warmUp: false, signal } as const;
    const other = await Engine.load(options);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    await other.close();
  });

  it('is not that something was missing once', async () => {
    const own = await writeTinyModels();
    await rename(`${own}/codec`, `${own}/away`);
    const other = await Engine.load({ device: 'cpu', threads: 1, model: own, warmUp: false });
    const missing = { code: 'FILE_NOT_FOUND' };
    await expect(other.speak('One.').next()).rejects.toMatchObject(missing);
    await expect(other.loadCodec('rvq')).rejects.toMatchObject(missing);
    await rename(`${own}/away`, `${own}/codec`);
    expect((await other.speak('One.').next()).done).toBe(false);
    expect((await other.loadCodec('rvq')).sampleRate).toBe(24_000);
    await other.close();
    await rm(own, { recursive: true });
  });
});

describe('Engine.load', () => {
  it('ends with CANCELLED by its signal', async () => {
    const ending = new AbortController();
    const loading = Engine.load({ device: 'cpu', model: folder, signal: ending.signal });
    ending.abort();
    await expect(loading).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
