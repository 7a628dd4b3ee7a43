import type { CodeLayout } from './code-packing.js';
import type { CodeTables, LevelTable } from './code-tables.js';
import { RangeDecoder, RangeEncoder } from './range-coder.js';

/** 65536 · 2^(-n / 16), rounded: the probabilities of scores that differ by sixteenths of a bit. */
const FRACTIONS = [
  65536, 62757, 60097, 57549, 55109, 52773, 50535, 48393, 46341, 44376, 42495, 40693, 38968, 37316,
  35734, 34219,
];
const MAX_DIFFERENCE = 255;
/** Frequency of a code whose score is so much below the highest. */
const FREQUENCIES = Int32Array.from({ length: MAX_DIFFERENCE + 1 }, (_, difference) => {
  const halvings = difference >> 4;
  const fraction = FRACTIONS[difference & 15]!;
  return halvings === 0 ? fraction : Math.max(1, (fraction + (1 << (halvings - 1))) >> halvings);
});

/**
 * Bytes that a payload has at least: one for eight codes. However likely codes are, a few bytes must not stand for many.
 *
 * @param layout - What the payload holds.
 */
export function minCodedBytes({ channels, counts }: CodeLayout): number {
  return Math.max(1, Math.ceil((channels * counts.reduce((sum, count) => sum + count, 0)) / 8));
}

/**
 * Writes codes by their probabilities: channel after channel, in it frame after frame, in a frame level after level.
 *
 * @param codes - `[C, K, T]`, each below its codebook's size.
 * @param layout - Their layout: as many frames of every level, of as many levels as the tables at most.
 * @param tables - Their probabilities.
 * @returns At least {@link minCodedBytes}; zeros fill up to that.
 */
export function encodeCodes(codes: Uint16Array, layout: CodeLayout, tables: CodeTables): Uint8Array {
  const encoder = new RangeEncoder();
  const model = new CodeModel(codes, layout, tables);
  model.visit((index, { size }) => {
    const { starts } = model;
    const code = codes[index]!;
    encoder.encode(starts[code]!, starts[code + 1]! - starts[code]!, starts[size]!);
    return code;
  });
  const bytes = encoder.finish();
  const least = minCodedBytes(layout);
  if (bytes.length >= least) {
    return bytes;
  }
  const filled = new Uint8Array(least);
  filled.set(bytes);
  return filled;
}

/**
 * Reads back what {@link encodeCodes} wrote.
 *
 * @param bytes - The payload.
 * @param layout - As it was when writing.
 * @param tables - The same.
 * @returns Codes `[C, K, T]`; `undefined` if nothing is written so.
 */
export function decodeCodes(
  bytes: Uint8Array,
  layout: CodeLayout,
  tables: CodeTables,
): Uint16Array | undefined {
  const numCodes = layout.channels * layout.counts.reduce((sum, count) => sum + count, 0);
  const codes = new Uint16Array(numCodes);
  const decoder = new RangeDecoder(bytes);
  const model = new CodeModel(codes, layout, tables);
  const isRead = model.visit((index, { size }) => {
    const { starts } = model;
    const place = decoder.find(starts[size]!);
    if (place === undefined) {
      return undefined;
    }
    const code = findCode(starts, size, place);
    decoder.pass(starts[code]!, starts[code + 1]! - starts[code]!);
    codes[index] = code;
    return code;
  });
  const hasFill = bytes.length <= minCodedBytes(layout);
  return isRead && (hasFill || !decoder.hasMore) ? codes : undefined;
}

/** The code whose frequencies hold a place. */
function findCode(starts: Float64Array, size: number, place: number): number {
  let low = 0;
  let high = size;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= place) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

/** Goes through the codes of a block and tells how likely each code would be at its place. */
class CodeModel {
  /** Frequencies of all codes below each, `[N + 1]`, at the place that is visited. */
  readonly starts: Float64Array;
  readonly #codes: Uint16Array;
  readonly #layout: CodeLayout;
  readonly #tables: CodeTables;
  readonly #scores: Int32Array;

  constructor(codes: Uint16Array, layout: CodeLayout, tables: CodeTables) {
    const size = Math.max(...tables.levels.map((level) => level.size));
    this.#codes = codes;
    this.#layout = layout;
    this.#tables = tables;
    this.#scores = new Int32Array(size);
    this.starts = new Float64Array(size + 1);
  }

  /** @param take - Gets the place of each code; `undefined` ends it. @returns Whether all were visited. */
  visit(take: (index: number, table: LevelTable) => number | undefined): boolean {
    const { channels, counts } = this.#layout;
    const numLevels = counts.length;
    const numFrames = counts[0]!;
    for (let channel = 0; channel < channels; channel++) {
      const first = channel * numLevels * numFrames;
      for (let frame = 0; frame < numFrames; frame++) {
        for (let level = 0; level < numLevels; level++) {
          const table = this.#tables.levels[level]!;
          this.#weigh(table, first, frame, numFrames, numLevels);
          if (take(first + level * numFrames + frame, table) === undefined) {
            return false;
          }
        }
      }
    }
    return true;
  }

  #weigh(
    { size, bias, contexts }: LevelTable,
    first: number,
    frame: number,
    numFrames: number,
    numLevels: number,
  ): void {
    const scores = this.#scores;
    for (let code = 0; code < size; code++) {
      scores[code] = bias[code]!;
    }
    for (const { level, back, classes, scores: table } of contexts) {
      // levels that the file leaves out, and frames before the block, say the same: nothing
      const isThere = frame >= back && level < numLevels;
      const seen = isThere
        ? this.#codes[first + level * numFrames + frame - back]!
        : classes.length - 1;
      const offset = classes[seen]! * size;
      for (let code = 0; code < size; code++) {
        scores[code]! += table[offset + code]!;
      }
    }
    let highest = scores[0]!;
    for (let code = 1; code < size; code++) {
      const score = scores[code]!;
      if (score > highest) {
        highest = score;
      }
    }
    const { starts } = this;
    let sum = 0;
    for (let code = 0; code < size; code++) {
      starts[code] = sum;
      const difference = highest - scores[code]!;
      sum += FREQUENCIES[difference < MAX_DIFFERENCE ? difference : MAX_DIFFERENCE]!;
    }
    starts[size] = sum;
  }
}
