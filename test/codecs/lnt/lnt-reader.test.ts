import { jest } from '@jest/globals';
import fc from 'fast-check';
import { crc32 } from 'node:zlib';
import type { LntDamage, LntItem } from '../../../codecs/lnt/block-scanner.js';
import { BlockFormat, type Attempt, type LntBlock } from '../../../codecs/lnt/lnt-block.js';
import { writeEnd } from '../../../codecs/lnt/lnt-end.js';
import type { LntHeader } from '../../../codecs/lnt/lnt-header.js';
import { LntReader } from '../../../codecs/lnt/lnt-reader.js';
import { LntWriter } from '../../../codecs/lnt/lnt-writer.js';
import { fuzzReaders, type Outcome } from '../../fuzz/lnt-readers.js';
import { countAllocations } from '../../helpers/allocations.js';
import { errorWithCode } from '../../helpers/errors.js';
import { makePiece, readItems, SMALL_HEADER, writePiece } from '../../helpers/lnt-files.js';

const NUM_FUZZED = 1_000;
/** Bytes that a reader may allocate whatever the file. */
const FIXED_BYTES = 4_096;

const BYTES = writePiece(SMALL_HEADER, makePiece(SMALL_HEADER, 250, 1));
const ITEMS = readItems(BYTES);
const BLOCKS = ITEMS.filter((item) => item.type === 'block');
const HEADER_BYTES = BLOCKS[0]!.offset;

const HEADERS = fc
  .record({
    channels: fc.integer({ min: 1, max: 8 }),
    frames: fc.array(fc.constantFrom(1, 2, 3, 4, 6, 8, 12, 24), { minLength: 1, maxLength: 4 }),
    sizes: fc.array(fc.integer({ min: 2, max: 65_536 }), { minLength: 4, maxLength: 4 }),
    tags: fc.dictionary(fc.string(), fc.jsonValue() as fc.Arbitrary<unknown>, { maxKeys: 3 }),
    name: fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }),
  })
  .map(({ channels, frames, sizes, tags, name }): LntHeader => {
    const levels = frames.map((frameSize, level) => ({ frameSize, codebookSize: sizes[level]! }));
    // as JSON gives it back: without the sign of 0
    const kept = JSON.parse(JSON.stringify(tags)) as LntHeader['tags'];
    return { ...SMALL_HEADER, blockLength: 24, channels, levels, tags: kept, name };
  });

describe('LntReader and LntWriter', () => {
  it('keep all codes, however the codes come and the bytes are cut', () => {
    const property = fc.property(
      HEADERS,
      fc.integer({ min: 0, max: 200 }),
      fc.integer(),
      fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 20 }),
      fc.boolean(),
      (header, numSamples, seed, places, hasIndex) => {
        const piece = makePiece(header, numSamples, seed);
        const whole = writePiece(header, piece, { hasIndex });
        const cuts = [...places].sort((a, b) => a - b);
        expect(Buffer.from(writeInParts(header, numSamples, seed, cuts, hasIndex))).toEqual(
          Buffer.from(whole),
        );
        const items = readItems(whole, cuts);
        expect(items).toEqual(readItems(whole));
        const codes = items
          .filter((item) => item.type === 'block')
          .flatMap((block) => [...block.codes]);
        expect(codes.sort()).toEqual(
          piece.levels
            .flat()
            .flatMap((level) => [...level])
            .sort(),
        );
        const reader = new LntReader();
        reader.push(whole);
        expect(reader.header).toEqual(header);
        const numBlocks = Math.ceil(numSamples / 24);
        expect(items.at(-1)).toEqual({ type: 'end', isComplete: true, numSamples, numBlocks });
      },
    );
    fc.assert(property, { numRuns: 300, seed: 1 });
  });

  it('read a file cut off anywhere up to there', () => {
    for (let length = 0; length < BYTES.length; length++) {
      const cut = BYTES.subarray(0, length);
      if (length < HEADER_BYTES) {
        const code = length < 4 ? 'BITSTREAM_INVALID' : 'BITSTREAM_TRUNCATED';
        expect(() => readItems(cut)).toThrow(errorWithCode(code));
      } else {
        const whole = BLOCKS.filter(({ offset, numBytes }) => offset + numBytes <= length);
        const numSamples = whole.reduce((sum, block) => sum + block.numSamples, 0);
        const end = { type: 'end', isComplete: false, numSamples, numBlocks: whole.length };
        expect(readItems(cut)).toEqual([...whole, end]);
      }
    }
  });

  it('take no wrong code for right where a bit is wrong, and find the next block', () => {
    for (let bit = 0; bit < BYTES.length * 8; bit++) {
      const damaged = BYTES.slice();
      const offset = bit >> 3;
      damaged[offset]! ^= 1 << (bit & 7);
      if (offset < HEADER_BYTES) {
        expect(() => readItems(damaged)).toThrow(
          expect.objectContaining({
            code: expect.stringMatching(/^BITSTREAM_/) as string,
          }) as Error,
        );
        continue;
      }
      const lost = BLOCKS.find((block) => offset < block.offset + block.numBytes);
      const items = readItems(damaged);
      expect(items.filter((item) => item.type === 'block')).toEqual(
        BLOCKS.filter((block) => block !== lost),
      );
      if (lost === undefined) {
        const { numSamples, numBlocks } = ITEMS.at(-1) as LntItem & { type: 'end' };
        expect(items.at(-1)).toEqual({ type: 'end', isComplete: false, numSamples, numBlocks });
      } else {
        expect(items.filter((item) => item.type === 'damage')).toEqual([damageOf(lost)]);
        expect(items.at(-1)).toEqual(ITEMS.at(-1));
      }
    }
  });

  it('tell what was put in, left out and appended', () => {
    const [first, second, third, fourth] = BLOCKS as [Block, Block, Block, Block];
    const noise = Uint8Array.from({ length: 100 }, (_, index) => (index * 37) % 256);
    const inserted = join(BYTES.subarray(0, second.offset), noise, BYTES.subarray(second.offset));
    expect(readItems(inserted)[1]).toEqual({
      type: 'damage',
      offset: second.offset,
      numBytes: 100,
      firstBlock: 1,
      numBlocks: 0,
      startSample: 40,
      numSamples: 0,
    });
    const missing = join(BYTES.subarray(0, second.offset), BYTES.subarray(fourth.offset));
    const damage = { ...damageOf(second), numBytes: 0, numBlocks: 2, numSamples: 80 };
    expect(readItems(missing).slice(0, 2)).toEqual([first, damage]);
    const repeated = join(BYTES.subarray(0, third.offset), BYTES.subarray(second.offset));
    const again = { ...damageOf(third), numBytes: 37, numBlocks: 0, numSamples: 0 };
    expect(readItems(repeated)[2]).toEqual(again);
    const appended = readItems(join(BYTES, noise));
    const { numSamples, numBlocks } = ITEMS.at(-1) as LntItem & { type: 'end' };
    expect(appended.slice(0, -2)).toEqual(ITEMS.slice(0, -1));
    expect(appended.at(-2)).toEqual({
      type: 'damage',
      offset: BYTES.length,
      numBytes: 100,
      firstBlock: numBlocks,
      numBlocks: 0,
      startSample: numSamples,
      numSamples: 0,
    });
    expect(appended.at(-1)).toEqual(ITEMS.at(-1));
  });

  it('take no block of another file, and no number that the bytes before cannot hold', () => {
    const other = { ...SMALL_HEADER, name: 'other' };
    const longer = writePiece(other, makePiece(other, 1_000, 2));
    const cut = BYTES.subarray(0, BLOCKS[2]!.offset);
    const items = readItems(join(cut, longer));
    expect(items).toEqual([
      ...BLOCKS.slice(0, 2),
      { type: 'end', isComplete: false, numSamples: 80, numBlocks: 2 },
    ]);
    for (const [number, isTaken] of [
      [4_096, true],
      [4_097, false],
      [2 ** 32 - 1, false],
    ] as const) {
      const renumbered = renumber(BYTES, number);
      const found = readItems(renumbered);
      expect(found.some((item) => item.type === 'block' && item.number === number)).toBe(isTaken);
    }
  });

  it('refuse flags that they do not know, or that the header does not bear out', () => {
    for (const flags of [1, 2, 128, 255]) {
      const other = resealHeader(BYTES, (bytes) => {
        bytes[11] = flags;
      });
      expect(() => readItems(other)).toThrow(errorWithCode('BITSTREAM_INVALID'));
    }
  });

  it('allocate nothing for sizes that are not there', async () => {
    const places = Array.from({ length: BYTES.length - 4 }, (_, offset) => offset);
    for (const offset of places) {
      for (const size of [0xffff_ffff, 0x7fff_ffff, 0x00ff_ffff, 0xffff]) {
        const hostile = resealHeader(BYTES, (bytes) => {
          new DataView(bytes.buffer).setUint32(offset, size, true);
        });
        const allocated = await countAllocations(() => readItems(hostile));
        expect(allocated).toBeLessThan(FIXED_BYTES + 10 * hostile.length);
      }
    }
    // and the counter counts
    expect(await countAllocations(() => readItems(BYTES))).toBeGreaterThan(BYTES.length);
  });

  it('compute checksums in vain over a small multiple of what is full of markers', () => {
    const header = {
      ...SMALL_HEADER,
      blockLength: 16_000,
      levels: [{ frameSize: 1, codebookSize: 65_536 }],
    };
    const start = writePiece(header, makePiece(header, 16_000, 1)).subarray(0, HEADER_BYTES - 8);
    const trap = new Uint8Array(300_000);
    const view = new DataView(trap.buffer);
    // each looks like a block of 32,000 bytes until its checksum is computed
    for (let offset = 0; offset + 8 < trap.length; offset += 8) {
      trap.set([0x42, 0x4b], offset);
      view.setUint16(offset + 2, 32_000, true);
      view.setUint32(offset + 4, 4_000, true);
    }
    const read = jest.spyOn(BlockFormat.prototype, 'read');
    try {
      expect(readItems(join(start, trap))).toEqual([
        { type: 'end', isComplete: false, numSamples: 0, numBlocks: 0 },
      ]);
      const attempts = read.mock.results.map(({ value }) => value as Attempt<LntBlock>);
      const inVain = attempts.reduce((sum, attempt) => {
        return sum + (attempt.status === 'unsound' ? attempt.numBytes : 0);
      }, 0);
      expect(inVain).toBeGreaterThan(32_000);
      expect(inVain).toBeLessThan(18 * trap.length);
    } finally {
      read.mockRestore();
    }
  });

  it('take no part that contradicts itself or the others, though its checksum be right', () => {
    const header = BYTES.subarray(0, HEADER_BYTES);
    const format = new BlockFormat(SMALL_HEADER, header);
    const last = (numSamples: number, numFrames: number) =>
      format.write({
        number: 0,
        startSample: 0,
        numSamples,
        numFrames,
        isLast: true,
        codes: new Uint16Array(2 * numFrames),
      }).bytes;
    const end = (numSamples: number, numBlocks: number) =>
      writeEnd({ numSamples, numBlocks, payloadBytes: undefined }, format.seed);
    const typesOf = (...parts: Uint8Array[]) =>
      readItems(join(header, ...parts)).map((item) =>
        item.type === 'end' ? item.isComplete : item.type,
      );
    const first = BYTES.subarray(HEADER_BYTES, BLOCKS[1]!.offset);
    expect(typesOf(last(40, 20), end(40, 1))).toEqual(['block', true]);
    expect(typesOf(last(41, 20), end(40, 1))).toEqual(['damage', true]);
    expect(typesOf(last(0, 20), end(40, 1))).toEqual(['damage', true]);
    expect(typesOf(last(40, 21), end(40, 1))).toEqual(['damage', true]);
    expect(typesOf(last(40, 9), end(40, 1))).toEqual(['damage', true]);
    // an end of other samples, of blocks that do not fit its samples, or without a last block
    expect(typesOf(last(40, 20), end(39, 1))).toEqual(['block', false]);
    expect(typesOf(last(40, 20), end(41, 2))).toEqual(['block', false]);
    expect(typesOf(last(40, 20), end(40, 2))).toEqual(['block', false]);
    expect(typesOf(end(81, 2))).toEqual([false]);
    expect(typesOf(first, end(40, 1))).toEqual(['block', false]);
    // nothing after the last block but the end
    expect(typesOf(last(40, 20), BYTES.subarray(BLOCKS[1]!.offset))).toEqual(['block', false]);
    const wrongLength = new Uint8Array(first);
    wrongLength[2]!++;
    expect(typesOf(reseal(wrongLength, format.seed), end(40, 1))).toEqual(['damage', true]);
  });

  it('find the last block behind what would be longer than the rest of the file', () => {
    const lastBlock = BLOCKS.at(-1)!;
    const cut = BYTES.subarray(0, lastBlock.offset + lastBlock.numBytes);
    const start = BYTES.subarray(lastBlock.offset - 37, lastBlock.offset - 29);
    const false37 = new Uint8Array(start);
    false37[4] = lastBlock.number;
    const items = readItems(
      join(cut.subarray(0, lastBlock.offset), false37, cut.subarray(lastBlock.offset)),
    );
    expect(lastBlock.numBytes).toBeLessThan(37 - 8);
    expect(items.at(-2)).toMatchObject({ type: 'block', number: lastBlock.number, isLast: true });
    expect(items.at(-3)).toMatchObject({ type: 'damage', numBytes: 8, numBlocks: 0 });
  });

  it('stand a thousand mutated files', async () => {
    const outcomes: Record<Outcome, number> = { sound: 0, damaged: 0, truncated: 0, refused: 0 };
    for (let run = 0; run < NUM_FUZZED; run++) {
      outcomes[(await fuzzReaders(0, run)).outcome]++;
    }
    expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(NUM_FUZZED / 100);
  });
});

describe('LntWriter', () => {
  it('gives the header with the first block, and a block once samples follow it', () => {
    const writer = new LntWriter(SMALL_HEADER);
    const piece = makePiece(SMALL_HEADER, 40, 1);
    expect(writer.push(piece)).toHaveLength(0);
    const next = writer.push({ levels: [[new Uint16Array(0), new Uint16Array(0)]], numSamples: 1 });
    expect(next).toHaveLength(HEADER_BYTES + BLOCKS[0]!.numBytes);
    expect(() => writer.finish()).toThrow(errorWithCode('INPUT_SHAPE_MISMATCH'));
    expect(() => writer.finish()).toThrow(errorWithCode('STATE_INVALID'));
  });

  it('refuses what does not fit its header, and headers beyond their limits', () => {
    const fits = makePiece(SMALL_HEADER, 8, 1);
    const [codes] = fits.levels[0]! as [Uint16Array, Uint16Array];
    const push = (levels: Uint16Array[][], numSamples = 8) => {
      const writer = new LntWriter(SMALL_HEADER);
      writer.push({ levels, numSamples });
      writer.finish();
    };
    push([[codes, codes]]);
    const mismatch = errorWithCode('INPUT_SHAPE_MISMATCH');
    expect(() => {
      push([[codes]]);
    }).toThrow(mismatch);
    expect(() => {
      push([
        [codes, codes],
        [codes, codes],
      ]);
    }).toThrow(mismatch);
    expect(() => {
      push([[codes, codes.slice(1)]]);
    }).toThrow(mismatch);
    expect(() => {
      push([[codes, codes]], 9);
    }).toThrow(mismatch);
    expect(() => {
      push([[codes, codes]], 0);
    }).toThrow(mismatch);
    expect(() => {
      push([[codes, codes]], -1);
    }).toThrow(mismatch);
    expect(() => {
      push([[codes, codes]], 0.5);
    }).toThrow(mismatch);
    expect(() => {
      push([[new Uint16Array(21), new Uint16Array(21)]]);
    }).toThrow(mismatch);
    expect(() => {
      push([[codes, Uint16Array.of(0, 1_000)]]);
    }).toThrow(errorWithCode('CODE_OUT_OF_RANGE'));
    const wrong: Partial<LntHeader>[] = [
      { channels: 0 },
      { channels: 9 },
      { sampleRate: 0 },
      { sampleRate: 2 ** 24 + 1 },
      { encoderDelay: 2 ** 24 + 1 },
      { blockLength: 0 },
      { blockLength: 42 },
      { levels: [] },
      { levels: [{ frameSize: 4, codebookSize: 1 }] },
      { levels: [{ frameSize: 4, codebookSize: 65_537 }] },
      { levels: [{ frameSize: 1, codebookSize: 65_536 }], blockLength: 16_384 },
      { name: '' },
      { name: 'n'.repeat(256) },
      { weightsHash: 'F'.repeat(64) },
      { tags: { long: 'x'.repeat(65_536) } },
    ];
    for (const fields of wrong) {
      expect(() => new LntWriter({ ...SMALL_HEADER, ...fields })).toThrow(
        errorWithCode('OPTION_INVALID'),
      );
    }
  });
});

type Block = (typeof BLOCKS)[number];

function damageOf({ offset, numBytes, number, startSample, numSamples }: Block): LntDamage {
  const numBlocks = 1;
  return {
    type: 'damage',
    offset,
    numBytes,
    firstBlock: number,
    numBlocks,
    startSample,
    numSamples,
  };
}

function writeInParts(
  header: LntHeader,
  numSamples: number,
  seed: number,
  cuts: readonly number[],
  hasIndex: boolean,
): Uint8Array {
  const writer = new LntWriter(header, { hasIndex });
  const { levels } = makePiece(header, numSamples, seed);
  const ends = [...cuts, 400];
  const parts = ends.map((end, index) => {
    const start = ends[index - 1] ?? 0;
    const piece = levels.map((channel) => channel.map((codes) => codes.subarray(start, end)));
    const samples = Math.max(0, Math.min(numSamples, end) - start);
    return writer.push({ levels: piece, numSamples: samples });
  });
  return join(...parts, writer.finish());
}

/** Changes the header and makes its checksum right again, if it still is where it was. */
function resealHeader(bytes: Uint8Array, change: (copy: Uint8Array<ArrayBuffer>) => void) {
  const copy = new Uint8Array(bytes);
  change(copy);
  const end = HEADER_BYTES - 4;
  new DataView(copy.buffer).setUint32(end, crc32(copy.subarray(0, end)), true);
  return copy;
}

/** Gives the first block another number. */
function renumber(bytes: Uint8Array, number: number): Uint8Array {
  const { offset, numBytes } = BLOCKS[0]!;
  const block = bytes.slice(offset, offset + numBytes);
  new DataView(block.buffer).setUint32(4, number, true);
  const seed = crc32(bytes.subarray(offset - 4, offset));
  return join(bytes.subarray(0, offset), reseal(block, seed), bytes.subarray(offset + numBytes));
}

/** Makes the checksum of a block right again. */
function reseal(block: Uint8Array, seed: number): Uint8Array {
  const end = block.length - 4;
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  view.setUint32(end, crc32(block.subarray(0, end), seed), true);
  return block;
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
