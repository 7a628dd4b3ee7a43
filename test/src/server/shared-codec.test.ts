import PQueue from 'p-queue';
import { setTimeout } from 'node:timers/promises';
import type { Codec } from '../../../codecs/contract.js';
import { SharedCodec } from '../../../src/server/codec/shared-codec.js';
import { join, largestDifference } from '../../helpers/chunks.js';
import { createSampleCodec } from '../../helpers/sample-codec.js';
import { noise } from '../../helpers/signal.js';

/** A codec that is slow, and notes how much it is asked for at once. */
function watchedCodec() {
  const codec = createSampleCodec();
  const seen = { numActive: 0, most: 0, pieces: [] as number[] };
  const watch = async <T>(size: number, task: () => Promise<T>): Promise<T> => {
    seen.most = Math.max(seen.most, ++seen.numActive);
    seen.pieces.push(size);
    await setTimeout(2);
    const result = await task();
    seen.numActive--;
    return result;
  };
  const watched = Object.assign(Object.create(codec) as Codec, {
    encoder: () => {
      const stream = codec.encoder();
      return {
        push: (pcm: Float32Array) => watch(pcm.length, () => stream.push(pcm)),
        flush: () => watch(0, () => stream.flush()),
        reset: () => stream.reset(),
        close: () => stream.close(),
      };
    },
    decoder: () => {
      const stream = codec.decoder();
      return {
        push: (codes: Parameters<typeof stream.push>[0]) =>
          watch(codes.numFrames, () => stream.push(codes)),
        flush: () => watch(0, () => stream.flush()),
        reset: () => stream.reset(),
        close: () => stream.close(),
      };
    },
  });
  return { codec: watched, seen };
}

describe('SharedCodec', () => {
  it('lets one piece of one stream at the codec at a time', async () => {
    const { codec, seen } = watchedCodec();
    const turns = new PQueue({ concurrency: 1 });
    const audio = noise(2_000, 5);
    const encoded = await Promise.all(
      [1, 2, 3].map(async () => {
        const encoder = new SharedCodec(codec, turns).encoder();
        await encoder.push(audio);
        return encoder.flush();
      }),
    );
    expect(encoded).toHaveLength(3);
    expect(seen.most).toBe(1);
    // in turn, and not one after the other
    expect(seen.pieces).toEqual([2_000, 2_000, 2_000, 0, 0, 0]);
  });

  it('decodes in pieces of 0.2 s, to the same samples', async () => {
    const { codec, seen } = watchedCodec();
    const whole = createSampleCodec();
    const codes = await whole.encode(noise(24_000, 6));
    const decoder = new SharedCodec(codec, new PQueue({ concurrency: 1 })).decoder();
    const samples = join([await decoder.push(codes), await decoder.flush()]);
    expect(largestDifference(samples, await whole.decode(codes))).toBe(0);
    expect(seen.pieces).toEqual([600, 600, 600, 600, 600, 0]);
  });
});
