import { readFileSync } from 'node:fs';
import { parseCodeTables, type CodeTables } from '../../../codecs/lnt/code-tables.js';
import { EntropyCoder, minCodedBytes } from '../../../codecs/lnt/entropy-coding.js';
import { readLnt } from '../../../codecs/lnt/lnt-file.js';
import { LntReader } from '../../../codecs/lnt/lnt-reader.js';
import { LntWriter } from '../../../codecs/lnt/lnt-writer.js';
import { RangeDecoder, RangeEncoder } from '../../../codecs/lnt/range-coder.js';
import { codeTablesOf, findCodeTables } from '../../../src/files/code-tables.js';
import { errorWithCode } from '../../helpers/errors.js';
import { makePiece, SMALL_HEADER, writePiece } from '../../helpers/lnt-files.js';

const NUM_FRAMES = 130;
const TABLES_FILE = new Uint8Array(readFileSync('test/golden/lnt/coded.tables'));
const TABLES = parseCodeTables(TABLES_FILE);
const LAYOUT = { channels: 1, counts: [40, 40], codebookSizes: [5, 7] };

/** What training/golden_lnt.py puts into coded.lnt. */
const HEADER = {
  ...SMALL_HEADER,
  name: 'coded',
  weightsHash: Buffer.from(Array.from({ length: 32 }, (_, index) => index)).toString('hex'),
  sampleRate: 8_000,
  blockLength: 2_400,
  levels: [
    { frameSize: 40, codebookSize: 5 },
    { frameSize: 40, codebookSize: 7 },
  ],
};

function goldenCodes(): [Uint16Array, Uint16Array] {
  const first = Array.from({ length: NUM_FRAMES }, (_, n) => (17 * n * n + Math.floor(n / 7)) % 5);
  const second = Array.from({ length: NUM_FRAMES }, (_, n) => (5 * n * n + Math.floor(n / 3)) % 7);
  // the second block is one code after the other
  first.splice(60, 0, ...new Array<number>(60).fill(4));
  second.splice(60, 0, ...new Array<number>(60).fill(6));
  return [Uint16Array.from(first), Uint16Array.from(second)];
}

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('RangeEncoder', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('gives symbols back, seed %d', (seed) => {
    const draw = random(seed);
    const symbols = Array.from({ length: 3_000 }, () => {
      const total = 2 + Math.floor(draw() ** 4 * (2 ** 32 - 2));
      // now and then as likely as can be, at either end, which carries through many bytes
      const isSure = draw() < 0.5;
      const frequency = isSure ? total - 1 : 1 + Math.floor(draw() * (total - 1));
      return { start: isSure && draw() < 0.5 ? 1 : 0, frequency, total };
    });
    const encoder = new RangeEncoder();
    symbols.forEach(({ start, frequency, total }) => {
      encoder.encode(start, frequency, total);
    });
    const bytes = encoder.finish();
    const bits = symbols.reduce(
      (sum, { frequency, total }) => sum + Math.log2(total / frequency),
      0,
    );
    expect(8 * bytes.length).toBeLessThan(bits * 1.01 + 8);
    expect(bytes.at(-1)).not.toBe(0);
    const decoder = new RangeDecoder(bytes);
    for (const { start, frequency, total } of symbols) {
      const place = decoder.find(total)!;
      expect(place >= start && place < start + frequency).toBe(true);
      decoder.pass(start, frequency);
    }
    expect(decoder.hasMore).toBe(false);
  });
});

describe('entropy-coded token files', () => {
  const golden = new Uint8Array(readFileSync('test/golden/lnt/coded.lnt'));
  const findTables = (crc: number) => (crc === TABLES.crc ? TABLES : undefined);

  it('are those of the golden file, byte by byte, written and read', () => {
    const levels = goldenCodes();
    const piece = { levels: [levels], numSamples: 4_800 + 2_222 };
    // as many frames as the golden file, which reach beyond the samples
    const bytes = writePiece(HEADER, piece, { tables: TABLES });
    expect(Buffer.from(bytes).toString('hex')).toBe(Buffer.from(golden).toString('hex'));
    const reader = new LntReader(findTables);
    const items = [...reader.push(golden), ...reader.flush()];
    expect(reader.header).toEqual({ ...HEADER, tablesCrc: TABLES.crc });
    const codes = items.flatMap((item) => (item.type === 'block' ? [item.codes] : []));
    expect(codes.map((each) => each.length)).toEqual([120, 120, 140]);
    const level = (index: number) => {
      const parts = codes.map((each) => {
        const half = each.length / 2;
        return [...each.subarray(index * half, (index + 1) * half)];
      });
      return Uint16Array.from(parts.flat());
    };
    expect([level(0), level(1)]).toEqual(levels);
  });

  it('are refused without their tables, or with those of another codec', () => {
    expect(() => new LntReader().push(golden)).toThrow(errorWithCode('WEIGHTS_DIFFER'));
    const { levels } = TABLES;
    const other: CodeTables = { crc: TABLES.crc, levels: levels.slice(1) };
    expect(() => readLnt(golden, () => other)).toThrow(errorWithCode('BITSTREAM_INVALID'));
    const uneven = [HEADER.levels[0]!, { frameSize: 80, codebookSize: 7 }];
    expect(() => new LntWriter({ ...HEADER, levels: uneven }, { tables: TABLES })).toThrow(
      errorWithCode('OPTION_INVALID'),
    );
  });

  it.each(['rvq', 'single'] as const)('give all codes of %s back, likely or not', (kind) => {
    const tables = codeTablesOf(kind);
    expect(findCodeTables(tables.crc)).toBe(tables);
    const levels = tables.levels.map(({ size }) => ({ frameSize: 4, codebookSize: size }));
    for (const numLevels of new Set([1, levels.length])) {
      const header = {
        ...SMALL_HEADER,
        codec: kind,
        channels: 2,
        levels: levels.slice(0, numLevels),
      };
      const piece = makePiece(header, 333, numLevels);
      const bytes = writePiece(header, piece, { tables });
      const reader = new LntReader(findCodeTables);
      const items = [...reader.push(bytes), ...reader.flush()];
      const packed = new LntReader();
      const expected = [...packed.push(writePiece(header, piece)), ...packed.flush()];
      const codesOf = (found: typeof items) =>
        found.flatMap((item) => (item.type === 'block' ? [item.codes] : []));
      expect(codesOf(items)).toEqual(codesOf(expected));
    }
  });

  it('never stand for more than eight codes a byte', () => {
    const sure = { size: 2, bias: Int16Array.of(0, -4_000), contexts: [] };
    const coder = new EntropyCoder({ crc: 1, levels: [sure] });
    const layout = { channels: 1, counts: [801], codebookSizes: [2] };
    const codes = new Uint16Array(801);
    const bytes = coder.encode(codes, layout);
    expect(bytes).toHaveLength(101);
    expect(minCodedBytes(layout)).toBe(101);
    expect(coder.decode(bytes, layout)).toEqual(codes);
    codes[400] = 1;
    expect(coder.decode(coder.encode(codes, layout), layout)).toEqual(codes);
  });

  it('are codes of the codebook or nothing, whatever bytes say', () => {
    const draw = random(5);
    const coder = new EntropyCoder(TABLES);
    let numRefused = 0;
    for (let run = 0; run < 2_000; run++) {
      const length = Math.floor(draw() * 60);
      const bytes = Uint8Array.from({ length }, () => (draw() < 0.3 ? 255 : draw() * 256));
      const codes = coder.decode(bytes, LAYOUT);
      if (codes === undefined) {
        numRefused++;
        continue;
      }
      expect(codes.every((code, index) => code < (index < 40 ? 5 : 7))).toBe(true);
    }
    // bytes that the codes do not need are none of theirs
    expect(numRefused).toBeGreaterThan(500);
  });

  it('have tables that are refused where they are damaged', () => {
    const broken = (change: (bytes: Uint8Array) => void) => {
      const bytes = TABLES_FILE.slice();
      change(bytes);
      return () => parseCodeTables(bytes);
    };
    for (let length = 0; length < TABLES_FILE.length; length++) {
      expect(() => parseCodeTables(TABLES_FILE.subarray(0, length))).toThrow(
        errorWithCode('BITSTREAM_INVALID'),
      );
    }
    const changes: [number, number][] = [
      [4, 2],
      [5, 0],
      [6, 1],
      [8, 2],
      [18, 3],
      // a level that comes later in the frame, and a class that there is not
      [30, 0],
      [35, 9],
    ];
    for (const [offset, value] of changes) {
      const act = broken((bytes) => {
        bytes[offset] = value;
      });
      expect(act).toThrow(errorWithCode('BITSTREAM_INVALID'));
    }
    expect(() => parseCodeTables(Buffer.concat([TABLES_FILE, Buffer.alloc(1)]))).toThrow(
      errorWithCode('BITSTREAM_INVALID'),
    );
  });
});
