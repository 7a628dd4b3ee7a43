import { decodeLnt, decodeLntFrom, type LntDecodeOptions } from '../../../codecs/lnt/decode-lnt.js';
import { headerOf } from '../../../codecs/lnt/codec-header.js';
import { encodeLnt } from '../../../codecs/lnt/encode-lnt.js';
import { LntReader } from '../../../codecs/lnt/lnt-reader.js';
import { LntSeeker } from '../../../codecs/lnt/lnt-seeker.js';
import { LntWriter } from '../../../codecs/lnt/lnt-writer.js';
import { StreamingCodec } from '../../../codecs/streaming/streaming-codec.js';
import { joinBytes } from '../../../base/arrays.js';
import { join } from '../../helpers/chunks.js';
import { errorWithCode } from '../../helpers/errors.js';
import { fakeFrameCodec } from '../streaming/fake-frame-codec.js';

// a second of the codec is 40 samples, which are whole numbers below 50; so is a block. It remembers nothing
const BLOCK = 40;
const AUDIO = Float32Array.from({ length: 533 }, (_, index) => ((index * 7) % 49) + 1);
const codec = new StreamingCodec(fakeFrameCodec(1));

async function* pieces<T extends Uint8Array | Float32Array>(whole: T, size: number) {
  for (let start = 0; start < whole.length; start += size) {
    yield (await Promise.resolve(whole.subarray(start, start + size))) as T;
  }
}

async function encode(): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of encodeLnt(codec, pieces(AUDIO, 61), { tags: { voice: 'a' } })) {
    parts.push(part);
  }
  return joinBytes(parts);
}

async function collect(samples: AsyncIterable<Float32Array>): Promise<Float32Array> {
  const parts: Float32Array[] = [];
  for await (const part of samples) {
    parts.push(part);
  }
  return join(parts);
}

const stream = (bytes: Uint8Array, options?: LntDecodeOptions, size = 17) =>
  collect(decodeLnt(() => codec, pieces(bytes, size), options));

async function seek(bytes: Uint8Array, options?: LntDecodeOptions): Promise<Float32Array> {
  const read = (offset: number, numBytes: number) =>
    Promise.resolve(bytes.subarray(offset, offset + numBytes));
  const file = await LntSeeker.open({ size: bytes.length, read });
  return collect(decodeLntFrom(() => codec, file, options));
}

/** Where the blocks of a file begin. */
function offsetsOf(bytes: Uint8Array): number[] {
  return new LntReader().push(bytes).flatMap((item) => (item.type === 'block' ? item.offset : []));
}

describe('decodeLnt', () => {
  it('gives every sample back, however the bytes are cut', async () => {
    const bytes = await encode();
    expect(await stream(bytes)).toEqual(AUDIO);
    expect(await stream(bytes, {}, 1)).toEqual(AUDIO);
    expect(await seek(bytes)).toEqual(AUDIO);
  });

  it('gives samples before the file has come as a whole', async () => {
    const bytes = await encode();
    let numRead = 0;
    async function* watched() {
      for await (const piece of pieces(bytes, 20)) {
        numRead += piece.length;
        yield piece;
      }
    }
    const audio = decodeLnt(() => codec, watched());
    expect((await audio.next()).value).toEqual(AUDIO.subarray(0, BLOCK - 6));
    expect(numRead).toBeLessThan(bytes.length / 2);
    await audio.return();
  });

  it.each([
    [0, 40],
    [39, 2],
    [250, 33],
    [500, 1_000],
  ])('decodes a part from sample %d on', async (startSample, numSamples) => {
    const bytes = await encode();
    const part = AUDIO.subarray(startSample, startSample + numSamples);
    expect(await stream(bytes, { startSample, numSamples })).toEqual(part);
    expect(await seek(bytes, { startSample, numSamples })).toEqual(part);
  });

  it('reads no more of a file than a part needs', async () => {
    const bytes = await encode();
    const places: number[] = [];
    const read = (offset: number, numBytes: number) => {
      places.push(offset);
      return Promise.resolve(bytes.subarray(offset, offset + numBytes));
    };
    const file = await LntSeeker.open({ size: bytes.length, read });
    places.length = 0;
    await collect(decodeLntFrom(() => codec, file, { startSample: 400, numSamples: 40 }));
    expect(Math.min(...places)).toBe(offsetsOf(bytes)[8]);
  });

  it('gives silence for a damaged block and tells of it, or fails', async () => {
    const bytes = await encode();
    bytes[offsetsOf(bytes)[5]! + 10]! ^= 1;
    const warnings: string[] = [];
    const onWarning = (warning: string) => warnings.push(warning);
    const silent = AUDIO.slice().fill(0, 5 * BLOCK, 6 * BLOCK);
    for (const decode of [stream, seek]) {
      const decoded = await decode(bytes, { onWarning });
      expect(decoded).toHaveLength(AUDIO.length);
      // the samples before the damage that trail its frames are the decoder's guess
      expect(decoded.subarray(0, 5 * BLOCK - 6)).toEqual(silent.subarray(0, 5 * BLOCK - 6));
      expect(decoded.subarray(5 * BLOCK)).toEqual(silent.subarray(5 * BLOCK));
      await expect(decode(bytes, { strict: true })).rejects.toThrow(
        errorWithCode('BITSTREAM_INVALID'),
      );
    }
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toMatch(/^The file is damaged: .* 1 blocks from block 5 on are lost\.$/);
    // it does not matter to who wants another part
    const part = await seek(bytes, { startSample: 400, strict: true, onWarning });
    expect(part).toEqual(AUDIO.subarray(400));
  });

  it('decodes a file that was cut off up to there', async () => {
    const bytes = await encode();
    const cut = bytes.subarray(0, offsetsOf(bytes)[8]! + 9);
    const warnings: string[] = [];
    const decoded = await stream(cut, { onWarning: (warning) => warnings.push(warning) });
    expect(decoded).toHaveLength(8 * BLOCK);
    expect(decoded.subarray(0, 8 * BLOCK - 6)).toEqual(AUDIO.subarray(0, 8 * BLOCK - 6));
    expect(warnings.at(-1)).toMatch(/has no end: it was cut off after 8 whole blocks/);
    const strict = stream(cut, { strict: true });
    await expect(strict).rejects.toThrow(errorWithCode('BITSTREAM_TRUNCATED'));
    const nothing = stream(bytes.subarray(0, offsetsOf(bytes)[0]! + 9));
    await expect(nothing).rejects.toThrow(errorWithCode('BITSTREAM_TRUNCATED'));
    const header = stream(bytes.subarray(0, 30));
    await expect(header).rejects.toThrow(errorWithCode('BITSTREAM_TRUNCATED'));
  });

  it('refuses other weights unless it is forced, other shapes, and what is not there', async () => {
    const write = (header: ReturnType<typeof headerOf>) => {
      const writer = new LntWriter(header);
      const codes = header.levels.map(() => new Uint16Array(3));
      const numSamples = 2 * header.levels[0]!.frameSize;
      return joinBytes([writer.push({ levels: [codes], numSamples }), writer.finish()]);
    };
    const header = headerOf(codec, 2);
    const others = write({ ...header, weightsHash: 'ab'.repeat(32) });
    await expect(stream(others)).rejects.toThrow(errorWithCode('WEIGHTS_DIFFER'));
    expect(await stream(others, { force: true })).toHaveLength(2 * codec.frameSize);
    for (const other of [{ sampleRate: 41 }, { codec: 'single' as const }]) {
      const misfit = stream(write({ ...header, ...other }), { force: true });
      await expect(misfit).rejects.toThrow(errorWithCode('BITSTREAM_INVALID'));
    }
    const bytes = await encode();
    for (const decode of [stream, seek]) {
      const behind = decode(bytes, { startSample: AUDIO.length });
      await expect(behind).rejects.toThrow(errorWithCode('AUDIO_EMPTY'));
    }
    const empty = stream(new LntWriter(header).finish());
    await expect(empty).rejects.toThrow(errorWithCode('AUDIO_EMPTY'));
  });

  it('does not make days of silence of a forged block number', async () => {
    // 4,000 blocks of 40 samples are more than an hour of them
    const bytes = await encode();
    const cut = new Uint8Array(offsetsOf(bytes)[1]!);
    cut.set(bytes.subarray(0, cut.length));
    const writer = new LntWriter(headerOf(codec, codec.numCodebooks, { voice: 'a' }));
    const numSamples = 4_001 * BLOCK;
    const numFrames = numSamples / codec.frameSize;
    const levels = Array.from({ length: codec.numCodebooks }, () => new Uint16Array(numFrames));
    const long = joinBytes([writer.push({ levels: [levels], numSamples }), writer.finish()]);
    const forged = joinBytes([cut, long.subarray(offsetsOf(long).at(-1))]);
    await expect(stream(forged)).rejects.toThrow(errorWithCode('BITSTREAM_INVALID'));
  });
});
