import { setTimeout } from 'node:timers/promises';
import {
  decodeStream,
  encodeStream,
  Engine,
  readAudioFile,
  readLnt,
  writeLnt,
  type Codec,
  type StreamPair,
} from '../../index.js';
import { join, largestDifference } from '../helpers/chunks.js';
import { errorWithCode } from '../helpers/errors.js';
import { withCallsWatched } from '../helpers/codec-calls.js';

const SECOND = 24_000;
const STREAM_TOLERANCE = 1e-4; // of samples in [-1, 1], as the codec promises

let engine: Engine;
let codec: Codec;
let audio: Float32Array;

beforeAll(async () => {
  engine = await Engine.load({ device: 'cpu', threads: 2, warmUp: false });
  codec = await engine.loadCodec('rvq');
  const clip = await readAudioFile('samples/slt.wav');
  audio = join([clip, clip]).subarray(0, 3.5 * SECOND);
});

afterAll(async () => {
  await engine.close();
});

/** Cut into pieces of an odd length; tells how many were taken. */
function streamOf<T extends Uint8Array | Float32Array>(data: T, length: number) {
  const taken = { count: 0, isCancelled: false, reason: undefined as unknown };
  const stream = new ReadableStream<T>(
    {
      pull(controller) {
        const start = taken.count++ * length;
        if (start >= data.length) {
          controller.close();
        } else {
          controller.enqueue(data.slice(start, start + length) as T);
        }
      },
      cancel(reason) {
        taken.isCancelled = true;
        taken.reason = reason;
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, taken };
}

async function collect<T extends Uint8Array | Float32Array>(
  stream: ReadableStream<T>,
): Promise<T[]> {
  const parts: T[] = [];
  for await (const part of stream) {
    parts.push(part);
  }
  return parts;
}

async function encode(): Promise<Uint8Array> {
  const { stream } = streamOf(audio, 7_001);
  const parts = await collect(stream.pipeThrough(encodeStream(codec, { tags: { a: 1 } })));
  return new Uint8Array(Buffer.concat(parts));
}

describe('encodeStream', () => {
  it('gives the file that the whole audio gives', async () => {
    const bytes = await encode();
    const whole = writeLnt(await codec.encode(audio), codec, { tags: { a: 1 } });
    expect(Buffer.compare(bytes, whole)).toBe(0);
  });

  it('takes chunks of speech, and options', async () => {
    const chunks = new ReadableStream({
      start(controller) {
        controller.enqueue({ samples: audio.slice(0, 9_000), words: [], marks: [] });
        controller.close();
      },
    });
    const parts = await collect(chunks.pipeThrough(encodeStream(codec, { numCodebooks: 3 })));
    expect(readLnt(Buffer.concat(parts))).toMatchObject({ numCodebooks: 3, numSamples: 9_000 });
  });

  it('takes no more audio than the reading needs', async () => {
    const { stream, taken } = streamOf(audio, SECOND / 2);
    const bytes = stream.pipeThrough(encodeStream(codec));
    const reader = bytes.getReader();
    await reader.read();
    await setTimeout(200);
    // two seconds for the first block, a piece that waits in the pipe and one in its hand
    expect(taken.count).toBeLessThanOrEqual(6);
    await reader.cancel();
  });

  it('fails with what is wrong, for both sides', async () => {
    const bad = streamOf(new Float32Array(SECOND).fill(NaN), SECOND);
    const { calls } = await withCallsWatched(async () => {
      const bytes = bad.stream.pipeThrough(encodeStream(codec));
      await expect(collect(bytes)).rejects.toThrow(errorWithCode('AUDIO_INVALID'));
    });
    expectAllClosed(calls);
    const strange = streamOf(new Uint8Array(8), 8).stream as ReadableStream<never>;
    const none = strange.pipeThrough(encodeStream(codec));
    await expect(collect(none)).rejects.toThrow(errorWithCode('AUDIO_INVALID'));
    const pair = encodeStream(codec, { numCodebooks: 9 });
    const writer = pair.writable.getWriter();
    await expect(collect(pair.readable)).rejects.toThrow(errorWithCode('OPTION_INVALID'));
    await expect(writer.write(new Float32Array(1))).rejects.toThrow(
      errorWithCode('OPTION_INVALID'),
    );
  });
});

describe('decodeStream', () => {
  it('gives the samples of the whole, whichever codec the file names', async () => {
    const bytes = await encode();
    const kinds: string[] = [];
    const find = (kind: 'rvq' | 'single') => {
      kinds.push(kind);
      return engine.loadCodec(kind);
    };
    const { stream } = streamOf(bytes, 333);
    const decoded = join(await collect(stream.pipeThrough(decodeStream(find))));
    const whole = await codec.decode(readLnt(bytes));
    expect(kinds).toEqual(['rvq']);
    expect(decoded).toHaveLength(audio.length);
    expect(largestDifference(decoded, whole)).toBeLessThan(STREAM_TOLERANCE);
    const single = await engine.loadCodec('single');
    const wrong = streamOf(bytes, 333).stream.pipeThrough(decodeStream(single));
    await expect(collect(wrong)).rejects.toThrow(errorWithCode('BITSTREAM_INVALID'));
  });

  it('gives a part and takes no more than it needs', async () => {
    const bytes = await encode();
    const { stream, taken } = streamOf(bytes, 100);
    const part = { startSample: 5_000, numSamples: 10_000 };
    const { result, calls } = await withCallsWatched(() =>
      collect(stream.pipeThrough(decodeStream(codec, part))),
    );
    const whole = await codec.decode(readLnt(bytes));
    expect(largestDifference(join(result), whole.subarray(5_000, 15_000))).toBeLessThan(
      STREAM_TOLERANCE,
    );
    expect(taken.isCancelled).toBe(true);
    expect(taken.count * 100).toBeLessThan(bytes.length);
    expectAllClosed(calls);
  });

  it('refuses numbers that are none, and what is no file', async () => {
    for (const options of [{ startSample: -1 }, { numSamples: 0 }, { startSample: 0.5 }]) {
      expect(() => decodeStream(codec, options)).toThrow(errorWithCode('OPTION_INVALID'));
    }
    const { stream } = streamOf(new Uint8Array(500), 100);
    await expect(collect(stream.pipeThrough(decodeStream(codec)))).rejects.toThrow(
      errorWithCode('BITSTREAM_INVALID'),
    );
    const strange = streamOf(new Float32Array(500), 100).stream as ReadableStream<never>;
    await expect(collect(strange.pipeThrough(decodeStream(codec)))).rejects.toThrow(
      errorWithCode('BITSTREAM_INVALID'),
    );
  });
});

describe('either end', () => {
  const pairs = [
    {
      name: 'encodeStream',
      make: () => encodeStream(codec) as StreamPair<unknown, unknown>,
      input: () => Promise.resolve(audio.slice(0, 2.5 * SECOND) as unknown),
    },
    {
      name: 'decodeStream',
      make: () => decodeStream(codec) as StreamPair<unknown, unknown>,
      input: async () => (await encode()).slice(0, 3_000) as unknown,
    },
  ];

  it.each(pairs)('of $name may be cancelled, also while it waits for input', async (pair) => {
    const input = await pair.input();
    const { calls } = await withCallsWatched(async () => {
      const { readable, writable } = pair.make();
      const writer = writable.getWriter();
      const reader = readable.getReader();
      const [, first] = await Promise.all([writer.write(input), reader.read()]);
      expect(first.done).toBe(false);
      const waiting = reader.read();
      const reason = new Error('enough');
      await reader.cancel(reason);
      expect((await waiting).done).toBe(true);
      await expect(writer.closed).rejects.toBe(reason);
    });
    expectAllClosed(calls);
  });

  it.each(pairs)('of $name may be aborted', async (pair) => {
    const input = await pair.input();
    const { calls } = await withCallsWatched(async (soFar) => {
      const { readable, writable } = pair.make();
      const writer = writable.getWriter();
      const reader = readable.getReader();
      await Promise.all([writer.write(input), reader.read()]);
      const waiting = reader.read();
      const reason = new Error('broken');
      await writer.abort(reason);
      await expect(waiting).rejects.toBe(reason);
      // what the worker was at comes to its end first
      while (!soFar.some(([name]) => name === 'closeStream')) {
        await setTimeout(10);
      }
    });
    expectAllClosed(calls);
  });

  it.each(pairs)('of $name may be left before anything came', async (pair) => {
    const { calls } = await withCallsWatched(async () => {
      const { readable } = pair.make();
      await readable.cancel();
    });
    expect(calls).toEqual([]);
  });
});

function expectAllClosed(calls: readonly (readonly unknown[])[]): void {
  const count = (...names: string[]) =>
    calls.filter(([name]) => names.includes(String(name))).length;
  expect(count('openEncoder', 'openDecoder')).toBe(1);
  expect(count('closeStream')).toBe(1);
}
