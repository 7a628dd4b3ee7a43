import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { checkWeights, readLnt } from '../../../codecs/lnt/lnt-file.js';
import { LntReader } from '../../../codecs/lnt/lnt-reader.js';
import { LntWriter } from '../../../codecs/lnt/lnt-writer.js';
import { errorWithCode } from '../../helpers/errors.js';
import { makePiece, readItems, SMALL_HEADER, writePiece } from '../../helpers/lnt-files.js';
import { createSampleCodec } from '../../helpers/sample-codec.js';

const VERSION_1 = new Uint8Array(readFileSync('test/golden/lnt/version-1.lnt'));

describe('readLnt', () => {
  it('reads what was pushed frame by frame', () => {
    const writer = new LntWriter({ ...SMALL_HEADER, tags: { voice: 'nobody' } });
    const data = Uint16Array.from({ length: 2 * 27 }, (_, index) => (index * 7_919) % 1_000);
    const first = { data: data.subarray(0, 26), numFrames: 13, numCodebooks: 2, numSamples: 52 };
    const second = { data: data.subarray(26), numFrames: 14, numCodebooks: 2, numSamples: 50 };
    const parts = [writer.pushCodes(first), writer.pushCodes(second), writer.finish()];
    expect(readLnt(new Uint8Array(Buffer.concat(parts)))).toEqual({
      codec: 'rvq',
      name: 'small',
      weightsHash: SMALL_HEADER.weightsHash,
      sampleRate: 40,
      frameRate: { numerator: 10, denominator: 1 },
      numCodebooks: 2,
      bitsPerCode: 10,
      numSamples: 102,
      numFrames: 27,
      codes: data,
      tags: { voice: 'nobody' },
    });
  });

  it('refuses damage, a missing end, what follows the end, and what one channel cannot hold', () => {
    const bytes = writePiece(SMALL_HEADER, makePiece(SMALL_HEADER, 100, 1));
    const invalid = errorWithCode('BITSTREAM_INVALID');
    const damaged = bytes.slice();
    damaged[100]! ^= 1;
    expect(() => readLnt(damaged)).toThrow(invalid);
    expect(() => readLnt(bytes.subarray(0, -1))).toThrow(errorWithCode('BITSTREAM_TRUNCATED'));
    expect(() => readLnt(Uint8Array.of(...bytes, 0))).toThrow(invalid);
    expect(() => readLnt(new TextEncoder().encode('hello there'))).toThrow(invalid);
    expect(() => readLnt(new Uint8Array(0))).toThrow(invalid);
    for (const fields of [
      { channels: 2 },
      { encoderDelay: 1 },
      { levels: [SMALL_HEADER.levels[0]!, { frameSize: 8, codebookSize: 1_000 }] },
    ]) {
      const header = { ...SMALL_HEADER, ...fields };
      expect(() => readLnt(writePiece(header, makePiece(header, 80, 1)))).toThrow(invalid);
    }
  });
});

describe('version 1', () => {
  // the layout of docs/lnt-format.md; two frames of one code of ten bits
  const header = Buffer.from(
    '4c4e5431' +
      '01' +
      '01' +
      '01' +
      '0a' +
      'c05d0000' +
      '32000000' +
      '01000000' +
      'bc02000000000000' +
      '02000000',
    'hex',
  );
  const codes = Buffer.from('ff0700', 'hex');
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(crc32(codes, crc32(header)));
  const file = {
    codec: 'rvq',
    sampleRate: 24_000,
    frameRate: { numerator: 50, denominator: 1 },
    numCodebooks: 1,
    bitsPerCode: 10,
    numSamples: 700,
    numFrames: 2,
    codes: Uint16Array.of(0x3ff, 0x001),
  };

  it('is read as before', () => {
    expect(readLnt(Buffer.concat([header, crc, codes]))).toEqual(file);
    const golden = readLnt(VERSION_1);
    expect(golden).toMatchObject({ numCodebooks: 3, numSamples: 24_100, numFrames: 54 });
    // unpacked by another program
    expect([...golden.codes.subarray(0, 3), ...golden.codes.subarray(-3)]).toEqual([
      454, 638, 991, 269, 181, 296,
    ]);
    expect(golden.codes.reduce((sum, code) => sum + code, 0)).toBe(82312);
  });

  it('is cut into blocks for those who read them', () => {
    const { codes: whole } = readLnt(VERSION_1);
    const [first, second, end] = readItems(VERSION_1, [1, 7, 100]);
    expect(first).toMatchObject({ number: 0, numSamples: 24_000, numFrames: 50, isLast: false });
    expect(second).toMatchObject({ number: 1, numSamples: 100, numFrames: 4, isLast: true });
    expect(end).toEqual({ type: 'end', isComplete: true, numSamples: 24_100, numBlocks: 2 });
    const codesOf = (item: typeof first) => (item?.type === 'block' ? item.codes : undefined);
    expect(codesOf(first)?.[50 + 7]).toBe(whole[7 * 3 + 1]);
    expect(codesOf(second)?.[2 * 4 + 3]).toBe(whole[53 * 3 + 2]);
  });

  it('notices a file cut anywhere, and every single changed bit', () => {
    for (const read of [readLnt, readItems]) {
      for (let length = 4; length < VERSION_1.length; length++) {
        expect(() => read(VERSION_1.subarray(0, length))).toThrow(
          errorWithCode('BITSTREAM_TRUNCATED'),
        );
      }
      for (let bit = 0; bit < VERSION_1.length * 8; bit++) {
        const damaged = VERSION_1.slice();
        damaged[bit >> 3]! ^= 1 << (bit & 7);
        expect(() => read(damaged)).toThrow(
          expect.objectContaining({
            code: expect.stringMatching(/^BITSTREAM_/) as string,
          }) as Error,
        );
      }
      const longer = Uint8Array.of(...VERSION_1, 0);
      expect(() => read(longer)).toThrow(errorWithCode('BITSTREAM_INVALID'));
    }
    // a pipe is not collected for ever
    const reader = new LntReader();
    reader.push(VERSION_1);
    expect(() => reader.push(Uint8Array.of(0))).toThrow(errorWithCode('BITSTREAM_INVALID'));
  });
});

describe('checkWeights', () => {
  it('refuses the weights of another codec, and knows nothing of version 1', () => {
    const codec = createSampleCodec();
    checkWeights({ weightsHash: codec.weightsHash }, codec);
    checkWeights({}, codec);
    expect(() => {
      checkWeights({ name: 'samples', weightsHash: 'ab'.repeat(32) }, codec);
    }).toThrow(errorWithCode('WEIGHTS_DIFFER'));
  });
});
