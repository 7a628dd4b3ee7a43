import {
  bitsFor,
  numPackedBytes,
  packCodes,
  unpackCodes,
} from '../../../codecs/lnt/code-packing.js';

describe('packCodes', () => {
  it('packs the least significant bit first', () => {
    const layout = { channels: 1, counts: [2], codebookSizes: [1_024] };
    expect([...packCodes(Uint16Array.of(0x3ff, 0x001), layout)]).toEqual([0xff, 0x07, 0x00]);
  });

  it.each([2, 3, 7, 8, 255, 1_000, 1_025, 8_192, 40_000, 65_536])(
    'is undone by unpackCodes for codebooks of %d beside others',
    (size) => {
      const layout = { channels: 2, counts: [33, 1, 7], codebookSizes: [size, 2, 65_536] };
      const codes = Uint16Array.from({ length: 82 }, (_, index) => {
        const level = [33, 34, 41].findIndex((end) => index % 41 < end);
        return (index * 40_503) % layout.codebookSizes[level]!;
      });
      codes[5] = size - 1;
      const bytes = packCodes(codes, layout);
      expect(bytes).toHaveLength(Math.ceil((2 * (33 * bitsFor(size) + 1 + 7 * 16)) / 8));
      expect(unpackCodes(bytes, layout)).toEqual(codes);
    },
  );
});

describe('unpackCodes', () => {
  it('refuses codes outside their codebook and unused bits that are not 0', () => {
    const layout = { channels: 1, counts: [3], codebookSizes: [5] };
    expect(unpackCodes(Uint8Array.of(0b00_100_001, 0b0), layout)).toEqual(Uint16Array.of(1, 4, 0));
    expect(unpackCodes(Uint8Array.of(0b00_101_001, 0b0), layout)).toBeUndefined();
    expect(unpackCodes(Uint8Array.of(0b00_100_001, 0b10), layout)).toBeUndefined();
  });
});

describe('bitsFor', () => {
  it('is the logarithm to the base 2, rounded up', () => {
    const sizes = [2, 3, 4, 5, 1_000, 1_024, 1_025, 65_535, 65_536];
    expect(sizes.map(bitsFor)).toEqual([1, 2, 2, 3, 10, 10, 11, 16, 16]);
    expect(numPackedBytes({ channels: 3, counts: [1], codebookSizes: [65_536] })).toBe(6);
  });
});
