import { numCodes, type CodeLayout } from './code-packing.js';
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
export function minCodedBytes(layout: CodeLayout): number {
  return Math.max(1, Math.ceil(numCodes(layout) / 8));
}

/** Writes and reads the codes of blocks by their probabilities. */
export class EntropyCoder {
  readonly #tables: CodeTables;
  /** Scores of the codes at the place that is visited. */
  readonly #scores: Int32Array;
  /** Frequencies of all codes below each, `[N + 1]`, at that place. */
  readonly #starts: Float64Array;

  /** @param tables - The probabilities. */
  constructor(tables: CodeTables) {
    const size = Math.max(...tables.levels.map((level) => level.size));
    this.#tables = tables;
    this.#scores = new Int32Array(size);
    this.#starts = new Float64Array(size + 1);
  }

  /**
   * Writes codes.
   *
   * @param codes - `[C, K, T]`, each below its codebook's size.
   * @param layout - Their layout: as many frames of every level, of as many levels as the tables at most.
   * @returns At least {@link minCodedBytes}; zeros fill up to that.
   */
  encode(codes: Uint16Array, layout: CodeLayout): Uint8Array {
    const encoder = new RangeEncoder();
    const starts = this.#starts;
    this.#visit(codes, layout, (index, size) => {
      const code = codes[index]!;
      encoder.encode(starts[code]!, starts[code + 1]! - starts[code]!, starts[size]!);
      return true;
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
   * Reads back what {@link encode} wrote.
   *
   * @param bytes - The payload.
   * @param layout - As it was when writing.
   * @returns Codes `[C, K, T]`; `undefined` if nothing is written so.
   */
  decode(bytes: Uint8Array, layout: CodeLayout): Uint16Array | undefined {
    const codes = new Uint16Array(numCodes(layout));
    const decoder = new RangeDecoder(bytes);
    const starts = this.#starts;
    const isRead = this.#visit(codes, layout, (index, size) => {
      const place = decoder.find(starts[size]!);
      if (place === undefined) {
        return false;
      }
      const code = findCode(starts, size, place);
      decoder.pass(starts[code]!, starts[code + 1]! - starts[code]!);
      codes[index] = code;
      return true;
    });
    const isFilled = bytes.length <= minCodedBytes(layout);
    return isRead && (isFilled || !decoder.hasMore) ? codes : undefined;
  }

  /**
   * Goes through the places of a block: channel after channel, in it frame after frame, in a frame level after level.
   *
   * @param take - Gets a place and the size of its codebook, and must know its code then; false ends it.
   * @returns Whether all were visited.
   */
  #visit(
    codes: Uint16Array,
    { channels, counts }: CodeLayout,
    take: (index: number, size: number) => boolean,
  ): boolean {
    const numLevels = counts.length;
    const numFrames = counts[0]!;
    const size = numLevels * numFrames;
    for (let channel = 0; channel < channels; channel++) {
      const block = codes.subarray(channel * size, (channel + 1) * size);
      for (let frame = 0; frame < numFrames; frame++) {
        for (let level = 0; level < numLevels; level++) {
          const table = this.#tables.levels[level]!;
          this.#score(table, block, frame, numFrames);
          this.#weigh(table.size);
          if (!take(channel * size + level * numFrames + frame, table.size)) {
            return false;
          }
        }
      }
    }
    return true;
  }

  #score(
    { size, bias, contexts }: LevelTable,
    block: Uint16Array,
    frame: number,
    numFrames: number,
  ): void {
    const scores = this.#scores;
    for (let code = 0; code < size; code++) {
      scores[code] = bias[code]!;
    }
    for (const { level, back, classes, scores: table } of contexts) {
      const place = level * numFrames + frame - back;
      const isThere = frame >= back && place < block.length;
      const seen = isThere ? block[place]! : classes.length - 1;
      const offset = classes[seen]! * size;
      for (let code = 0; code < size; code++) {
        scores[code]! += table[offset + code]!;
      }
    }
  }

  #weigh(size: number): void {
    const scores = this.#scores;
    let highest = scores[0]!;
    for (let code = 1; code < size; code++) {
      const score = scores[code]!;
      if (score > highest) {
        highest = score;
      }
    }
    const starts = this.#starts;
    let sum = 0;
    for (let code = 0; code < size; code++) {
      starts[code] = sum;
      const difference = highest - scores[code]!;
      sum += FREQUENCIES[difference < MAX_DIFFERENCE ? difference : MAX_DIFFERENCE]!;
    }
    starts[size] = sum;
  }
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
