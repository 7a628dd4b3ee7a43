import { jest } from '@jest/globals';
import { concatCodes } from '../../../codecs/codes.js';
import type { Codes } from '../../../codecs/contract.js';
import { StreamingCodec } from '../../../codecs/streaming/streaming-codec.js';
import { errorWithCode } from '../../helpers/errors.js';
import { fakeFrameCodec } from './fake-frame-codec.js';

// one internal chunk of the fake codec is 2 s: 20 frames or 80 samples
const LENGTHS = [1, 3, 4, 5, 79, 80, 81, 333];

function ramp(length: number): Float32Array {
  return Float32Array.from({ length }, (_, index) => (index * 7) % 50);
}

async function encodeInPieces(
  codec: StreamingCodec,
  pcm: Float32Array,
  piece: number,
): Promise<Codes> {
  const stream = codec.encoder();
  const chunks: Codes[] = [];
  for (let start = 0; start < pcm.length; start += piece) {
    chunks.push(await stream.push(pcm.subarray(start, start + piece)));
  }
  chunks.push(await stream.flush());
  await stream.close();
  return concatCodes(chunks);
}

describe('StreamingCodec', () => {
  it.each(LENGTHS)('gives back all of %i samples', async (length) => {
    const codec = new StreamingCodec(fakeFrameCodec());
    const codes = await codec.encode(ramp(length));
    expect(codes.numSamples).toBe(length);
    expect(codes.numFrames).toBe(Math.ceil((length + 6) / 4));
    expect(await codec.decode(codes)).toEqual(ramp(length));
  });

  it.each(LENGTHS.flatMap((length) => [1, 4, 7, 200].map((piece) => ({ length, piece }))))(
    'encodes $length samples in pieces of $piece as it does the whole',
    async ({ length, piece }) => {
      const codec = new StreamingCodec(fakeFrameCodec());
      const whole = await codec.encode(ramp(length));
      expect(await encodeInPieces(codec, ramp(length), piece)).toEqual(whole);
    },
  );

  it('encodes many recordings together as each by itself, in few runs', async () => {
    const parts = fakeFrameCodec();
    const open = jest.spyOn(parts, 'openEncoder');
    const codec = new StreamingCodec(parts);
    // of 72 and 90 samples the shorter one ends where the second run begins
    const lengths = [...LENGTHS, ...LENGTHS, ...Array.from({ length: 20 }, () => 320), 72, 90];
    const pcms = lengths.map(ramp);
    const options = { numCodebooks: 3 };
    const batch = await codec.encodeBatch(pcms, options);
    const numRows = open.mock.calls.map(([rows]) => rows);
    expect(batch).toHaveLength(pcms.length);
    for (const [index, pcm] of pcms.entries()) {
      expect(batch[index]).toEqual(await codec.encode(pcm, options));
    }
    // 333 and 320 samples are of about the same length; a run has 16 rows at most
    expect(numRows.slice(0, 2)).toEqual([16, 6]);
    expect(parts.open).toBe(0);
    expect(await codec.encodeBatch([])).toEqual([]);
    const empty = codec.encodeBatch([ramp(3), ramp(0)]);
    await expect(empty).rejects.toThrow(errorWithCode('AUDIO_EMPTY'));
    const broken = codec.encodeBatch([Float32Array.of(1, NaN)]);
    await expect(broken).rejects.toThrow(errorWithCode('AUDIO_INVALID'));
  });

  it.each([1, 2, 3, 50])('decodes in pieces of %i frames as it does the whole', async (piece) => {
    const codec = new StreamingCodec(fakeFrameCodec());
    const stream = codec.encoder();
    const codes = concatCodes([await stream.push(ramp(333)), await stream.flush()]);
    const decoder = codec.decoder();
    const samples: number[] = [];
    for (let frame = 0; frame < codes.numFrames; frame += piece) {
      const numFrames = Math.min(piece, codes.numFrames - frame);
      const data = codes.data.slice(frame * 4, (frame + numFrames) * 4);
      const numSamples = Math.min(numFrames * 4, codes.numSamples - frame * 4);
      samples.push(
        ...(await decoder.push({
          data,
          numFrames,
          numCodebooks: 4,
          numSamples: Math.max(0, numSamples),
        })),
      );
    }
    expect(await decoder.flush()).toHaveLength(0);
    expect(samples).toEqual([...ramp(333)]);
  });

  it('repeats the last frame to pay what the frames still owe', async () => {
    const codec = new StreamingCodec(fakeFrameCodec());
    // codes 5 5 5 5 | 6 6 6 6 stand for samples that are all 5
    const data = Uint16Array.of(5, 5, 5, 5, 6, 6, 6, 6);
    const codes = { data, numFrames: 2, numCodebooks: 4, numSamples: 8 };
    const samples = await codec.decode(codes);
    expect(samples).toEqual(new Float32Array(8).fill(5));
  });

  it('keeps streams apart and makes them as new on flush and reset', async () => {
    const codec = new StreamingCodec(fakeFrameCodec());
    const first = codec.encoder();
    const second = codec.encoder();
    await first.push(ramp(9));
    const pushed = await second.push(ramp(8));
    expect(pushed.numFrames).toBe(2);
    expect(pushed).toEqual(await codec.encoder().push(ramp(8)));
    await first.flush();
    await second.reset();
    const expected = await codec.encode(ramp(10));
    for (const stream of [first, second]) {
      expect(concatCodes([await stream.push(ramp(10)), await stream.flush()])).toEqual(expected);
    }
  });

  it('serves pushes in order even if they are not awaited', async () => {
    const codec = new StreamingCodec(fakeFrameCodec());
    const stream = codec.encoder();
    const pushes = [0, 1, 2].map((part) =>
      stream.push(ramp(30).subarray(part * 10, part * 10 + 10)),
    );
    const codes = concatCodes([...(await Promise.all(pushes)), await stream.flush()]);
    expect(codes).toEqual(await codec.encode(ramp(30)));
  });

  it('encodes frames in pairs, and the last ones together', async () => {
    const stream = new StreamingCodec(fakeFrameCodec()).encoder();
    const counts = [];
    for (const size of [4, 4, 3, 6]) {
      counts.push((await stream.push(ramp(size))).numFrames);
    }
    counts.push((await stream.flush()).numFrames);
    // 17 samples and 6 of overlap are 6 frames
    expect(counts).toEqual([0, 2, 0, 2, 2]);
  });

  it('keeps as many levels as it is asked for', async () => {
    const codec = new StreamingCodec(fakeFrameCodec());
    const all = await codec.encode(ramp(4));
    const two = await codec.encode(ramp(4), { numCodebooks: 2 });
    expect(two.numCodebooks).toBe(2);
    expect([...two.data.subarray(0, 4)]).toEqual([
      all.data[0],
      all.data[1],
      all.data[4],
      all.data[5],
    ]);
  });

  it('refuses audio that it cannot encode', async () => {
    const codec = new StreamingCodec(fakeFrameCodec());
    await expect(codec.encode(new Float32Array(0))).rejects.toMatchObject({ code: 'AUDIO_EMPTY' });
    await expect(codec.encoder().flush()).rejects.toMatchObject({ code: 'AUDIO_EMPTY' });
    for (const value of [NaN, Infinity, -Infinity]) {
      const pcm = Float32Array.of(0, 0, value);
      await expect(codec.encode(pcm)).rejects.toMatchObject({
        code: 'AUDIO_INVALID',
        details: { index: 2 },
      });
    }
    for (const numCodebooks of [0, 5, 1.5, NaN]) {
      await expect(codec.encode(ramp(4), { numCodebooks })).rejects.toMatchObject({
        code: 'OPTION_INVALID',
      });
    }
  });

  it.each([
    ['CODE_OUT_OF_RANGE', { data: Uint16Array.of(1, 2, 3, 50) }],
    ['INPUT_SHAPE_MISMATCH', { data: Uint16Array.of(1, 2, 3) }],
    ['INPUT_SHAPE_MISMATCH', { numCodebooks: 5, data: new Uint16Array(5) }],
    ['INPUT_SHAPE_MISMATCH', { numCodebooks: 0, data: new Uint16Array(0) }],
    ['INPUT_SHAPE_MISMATCH', { numFrames: 1.5, data: new Uint16Array(6) }],
    ['INPUT_SHAPE_MISMATCH', { numSamples: 5 }],
    ['INPUT_SHAPE_MISMATCH', { numSamples: -1 }],
  ])('answers %s to codes that do not fit: %j', async (code, change) => {
    const codec = new StreamingCodec(fakeFrameCodec());
    const codes = {
      data: new Uint16Array(4),
      numFrames: 1,
      numCodebooks: 4,
      numSamples: 4,
      ...change,
    };
    await expect(codec.decode(codes)).rejects.toMatchObject({ code });
    await expect(codec.decoder().push(codes)).rejects.toMatchObject({ code });
  });

  it('decodes no frames to no samples', async () => {
    const codec = new StreamingCodec(fakeFrameCodec());
    const codes = { data: new Uint16Array(0), numFrames: 0, numCodebooks: 4, numSamples: 0 };
    expect(await codec.decode(codes)).toHaveLength(0);
  });

  it('frees every state it opened, also after a failure', async () => {
    const parts = fakeFrameCodec();
    const codec = new StreamingCodec(parts);
    await codec.decode(await codec.encode(ramp(10)));
    await codec.encode(Float32Array.of(NaN)).catch(() => undefined);
    const stream = codec.encoder();
    await Promise.all([stream.close(), stream.close()]);
    expect(parts.open).toBe(0);
    await expect(stream.push(ramp(1))).rejects.toMatchObject({ code: 'STATE_INVALID' });
  });
});
