import { crc32 } from 'node:zlib';
import { packCodes, unpackCodes } from '../../../codecs/lnt/code-packing.js';
import { LNT_HEADER_BYTES, readLnt, writeLnt, type LntFile } from '../../../codecs/lnt/lnt-file.js';
import { errorWithCode } from '../../helpers/errors.js';

const FILE: LntFile = {
  codec: 'rvq',
  sampleRate: 24_000,
  frameRate: { numerator: 50, denominator: 1 },
  numCodebooks: 1,
  bitsPerCode: 10,
  numSamples: 700,
  numFrames: 2,
  codes: Uint16Array.of(0x3ff, 0x001),
};

describe('packCodes', () => {
  it('packs the least significant bit first', () => {
    const layout = { numCodebooks: 1, bitsPerCode: 10 };
    expect([...packCodes(Uint16Array.of(0x3ff, 0x001), layout)]).toEqual([0xff, 0x07, 0x00]);
  });

  it.each([1, 3, 7, 8, 10, 11, 12, 13, 16])(
    'is undone by unpackCodes at %d bits',
    (bitsPerCode) => {
      const layout = { numCodebooks: 3, bitsPerCode };
      const codes = Uint16Array.from(
        { length: 33 },
        (_, index) => (index * 40_503) % 2 ** bitsPerCode,
      );
      codes[5] = 2 ** bitsPerCode - 1;
      expect(unpackCodes(packCodes(codes, layout), 11, layout)).toEqual(codes);
    },
  );

  it('refuses partial frames, codes that are too large and too few bytes', () => {
    const layout = { numCodebooks: 2, bitsPerCode: 4 };
    expect(() => packCodes(new Uint16Array(3), layout)).toThrow(
      errorWithCode('INPUT_SHAPE_MISMATCH'),
    );
    expect(() => packCodes(Uint16Array.of(1, 16), layout)).toThrow(
      errorWithCode('CODE_OUT_OF_RANGE'),
    );
    expect(() => unpackCodes(new Uint8Array(1), 2, layout)).toThrow(
      errorWithCode('BITSTREAM_TRUNCATED'),
    );
  });
});

describe('writeLnt', () => {
  it('writes the layout of docs/lnt-format.md', () => {
    const bytes = Buffer.from(writeLnt(FILE));
    expect(bytes.subarray(0, 32).toString('hex')).toBe(
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
    );
    expect(bytes.subarray(LNT_HEADER_BYTES).toString('hex')).toBe('ff0700');
    const checked = Buffer.concat([bytes.subarray(0, 32), bytes.subarray(36)]);
    expect(bytes.readUInt32LE(32)).toBe(crc32(checked));
  });

  it('refuses codes that do not have the announced shape', () => {
    expect(() => writeLnt({ ...FILE, numFrames: 3 })).toThrow(
      errorWithCode('INPUT_SHAPE_MISMATCH'),
    );
  });
});

describe('readLnt', () => {
  const single: LntFile = {
    ...FILE,
    codec: 'single',
    frameRate: { numerator: 25, denominator: 1 },
    bitsPerCode: 13,
    numSamples: 2 ** 40,
    codes: Uint16Array.of(8_191, 5),
  };

  it.each([FILE, single])('reads what was written ($codec)', (file) => {
    expect(readLnt(writeLnt(file))).toEqual(file);
  });

  it('notices a file cut anywhere', () => {
    const bytes = writeLnt(FILE);
    for (let length = 4; length < bytes.length; length++) {
      expect(() => readLnt(bytes.subarray(0, length))).toThrow(
        errorWithCode('BITSTREAM_TRUNCATED'),
      );
    }
    expect(() => readLnt(bytes.subarray(0, 3))).toThrow(errorWithCode('BITSTREAM_INVALID'));
  });

  it('notices every single changed bit', () => {
    const bytes = writeLnt(FILE);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = bytes.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => readLnt(damaged)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^BITSTREAM_/) as string }) as Error,
      );
    }
  });

  it('refuses text, nothing and what follows the end', () => {
    expect(() => readLnt(new TextEncoder().encode('hello there'))).toThrow(
      errorWithCode('BITSTREAM_INVALID'),
    );
    expect(() => readLnt(new Uint8Array(0))).toThrow(errorWithCode('BITSTREAM_INVALID'));
    const longer = new Uint8Array([...writeLnt(FILE), 0]);
    expect(() => readLnt(longer)).toThrow(errorWithCode('BITSTREAM_INVALID'));
  });
});
