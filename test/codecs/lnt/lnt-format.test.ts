import { readFileSync } from 'node:fs';
import type { LntHeader } from '../../../codecs/lnt/lnt-header.js';
import { LntReader } from '../../../codecs/lnt/lnt-reader.js';
import type { LntPiece, LntWriterOptions } from '../../../codecs/lnt/lnt-writer.js';
import { writePiece } from '../../helpers/lnt-files.js';

// the example of docs/lnt-format.md, with the checksums that Python's zlib computes
const TWO_BLOCKS = `
  4c4e5432 5c000000           LNT2, header of 92 bytes
  01 01 02 00                 rvq, 1 channel, 2 levels, no flags
  08000000 00000000 08000000  8 Hz, no delay, blocks of 8 samples
  000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
  04000000 e8030000           frames of 4 samples, 1000 entries
  04000000 e8030000           the same
  04 74657374                 name: test
  07000000 7b2261223a317d     tags: {"a":1}
  27016355                    CRC-32
  424b 0500 00000000          BK, payload of 5 bytes, block 0
  e707c00008                  999, 1 of the first level, 12, 32 of the second
  af027dec                    CRC-32
  424c 0500 01000000          BL, payload of 5 bytes, block 1
  03000000 02000000           3 samples, 2 frames
  0108300001                  1, 2 and 3, 4
  966c2d38                    CRC-32
  454e4432 0b00000000000000   END2, 11 samples
  02000000 02000000           2 blocks, 2 entries
  0500 0500                   payloads of 5 bytes
  91c99a86                    CRC-32
  24000000 4c4e5445           end of 36 bytes, LNTE
`;

const HASH = Buffer.from(Array.from({ length: 32 }, (_, index) => index)).toString('hex');

/** What training/golden_lnt.py puts into the files. */
const FILES: Record<string, { header: LntHeader; piece: LntPiece; options: LntWriterOptions }> = {
  'two-blocks': {
    header: {
      codec: 'rvq',
      name: 'test',
      weightsHash: HASH,
      sampleRate: 8,
      channels: 1,
      encoderDelay: 0,
      blockLength: 8,
      levels: [
        { frameSize: 4, codebookSize: 1_000 },
        { frameSize: 4, codebookSize: 1_000 },
      ],
      tags: { a: 1 },
    },
    piece: {
      levels: [[Uint16Array.of(999, 1, 1, 2), Uint16Array.of(12, 32, 3, 4)]],
      numSamples: 11,
    },
    options: {},
  },
  stereo: {
    header: {
      codec: 'single',
      name: 'höhe',
      weightsHash: HASH,
      sampleRate: 2 ** 24,
      channels: 2,
      encoderDelay: 5,
      blockLength: 12,
      levels: [
        { frameSize: 4, codebookSize: 5 },
        { frameSize: 12, codebookSize: 65_536 },
        { frameSize: 6, codebookSize: 2 },
      ],
      tags: { voice: 'é', synthetic: true },
    },
    piece: {
      levels: [
        [
          Uint16Array.of(0, 4, 3, 4, 0, 1, 2),
          Uint16Array.of(65_535, 7, 9),
          Uint16Array.of(1, 0, 0, 1, 1),
        ],
        [
          Uint16Array.of(1, 2, 3, 2, 2, 0, 4),
          Uint16Array.of(258, 1, 40_000),
          Uint16Array.of(1, 1, 1, 0, 0),
        ],
      ],
      numSamples: 13,
    },
    options: { hasIndex: false },
  },
};

const readGolden = (name: string) => new Uint8Array(readFileSync(`test/golden/lnt/${name}.lnt`));

describe('the format of docs/lnt-format.md', () => {
  it('is that of the golden file, byte by byte', () => {
    expect(readGolden('two-blocks')).toEqual(new Uint8Array(Buffer.from(hexOf(TWO_BLOCKS), 'hex')));
  });

  it.each(Object.entries(FILES))('is what LntWriter writes: %s', (name, file) => {
    const bytes = writePiece(file.header, file.piece, file.options);
    expect(Buffer.from(bytes).toString('hex')).toBe(Buffer.from(readGolden(name)).toString('hex'));
  });

  it.each(Object.entries(FILES))('is what LntReader reads: %s', (name, { header, piece }) => {
    const reader = new LntReader();
    const items = [...reader.push(readGolden(name)), ...reader.flush()];
    expect(reader.header).toEqual(header);
    expect(items.map(({ type }) => type)).toEqual(['block', 'block', 'end']);
    const blocks = items.filter((item) => item.type === 'block');
    expect(blocks.reduce((sum, { numSamples }) => sum + numSamples, 0)).toBe(piece.numSamples);
    const perBlock = header.levels.map(({ frameSize }) => header.blockLength / frameSize);
    const expected = [0, 1].map((block) =>
      piece.levels.flatMap((levels) =>
        levels.flatMap((codes, level) => [
          ...codes.slice(block * perBlock[level]!, block === 0 ? perBlock[level] : undefined),
        ]),
      ),
    );
    expect(blocks.map(({ codes }) => [...codes])).toEqual(expected);
    expect(items.at(-1)).toEqual({
      type: 'end',
      isComplete: true,
      numSamples: piece.numSamples,
      numBlocks: 2,
    });
  });
});

/** The bytes before the comments, which stand behind two spaces. */
function hexOf(commented: string): string {
  return commented
    .split('\n')
    .map((line) => line.trim().split('  ')[0]!.replaceAll(' ', ''))
    .join('');
}
