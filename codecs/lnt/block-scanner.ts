import { BLOCK_MARKER, BlockFormat, LAST_BLOCK_MARKER, MIN_BLOCK_BYTES } from './lnt-block.js';
import type { Attempt, LntBlock } from './lnt-block.js';
import { ByteQueue } from './byte-queue.js';
import { END_MARKER, readEnd, type LntEnd } from './lnt-end.js';

/** A block, where it was found. */
export type LntBlockItem = LntBlock & {
  readonly type: 'block';
  /** Where it begins in the file, in bytes. */
  readonly offset: number;
  /** Its length in the file. */
  readonly numBytes: number;
};

/** Bytes that are no block although one should be there, or blocks that are missing. */
export type LntDamage = {
  readonly type: 'damage';
  /** Where it begins in the file, in bytes. */
  readonly offset: number;
  /** Its length in the file; 0 where blocks are missing without a trace. */
  readonly numBytes: number;
  /** Number of the first block that is lost. */
  readonly firstBlock: number;
  /** Blocks that are lost; 0 for bytes that were put in between, or after the end. */
  readonly numBlocks: number;
  /** Samples before what is lost. */
  readonly startSample: number;
  /** Samples that are lost. Whoever writes silence for them should mind that this can be far more than the bytes. */
  readonly numSamples: number;
};

/** The end of a file. */
export type LntEndItem = {
  readonly type: 'end';
  /** Whether the file's end was there; otherwise the file was cut off, or its end is damaged. */
  readonly isComplete: boolean;
  /** Samples in all, as far as is known. */
  readonly numSamples: number;
  /** Blocks in all, as far as is known. */
  readonly numBlocks: number;
};

/** What a reader finds in a `.lnt` file, in order; the end comes last. */
export type LntItem = LntBlockItem | LntDamage | LntEndItem;

/** Blocks that may be missing without a trace, in all. */
const MAX_LOST_BLOCKS = 4_096;
/** Bytes of checksums that a search may compute in vain for each byte of the file. */
const MAX_VAIN = 16;
const MARKERS = [BLOCK_MARKER, LAST_BLOCK_MARKER, END_MARKER].map((marker) =>
  new TextEncoder().encode(marker),
);
const LONGEST_MARKER = END_MARKER.length;

type Part = Attempt<LntBlock | LntEnd>;

/** Finds blocks in bytes as they come, also behind damage. It holds one block at most, damaged or not. */
export class BlockScanner {
  readonly #format: BlockFormat;
  readonly #headerBytes: number;
  readonly #queue = new ByteQueue();
  /** Where the first byte that waits lies in the file. */
  #offset: number;
  /** Where it was when the scanner began. */
  readonly #startOffset: number;
  #nextBlock: number;
  #damageOffset: number | undefined;
  #vainBytes = 0;
  #last: LntBlock | undefined;
  #end: LntEnd | undefined;

  /**
   * @param format - How the blocks are written.
   * @param headerBytes - Length of the header.
   * @param start - Where the bytes that will come begin, and the number of the block there; by default behind the
   * header.
   */
  constructor(
    format: BlockFormat,
    headerBytes: number,
    start: { offset: number; block: number } = { offset: headerBytes, block: 0 },
  ) {
    this.#format = format;
    this.#headerBytes = headerBytes;
    this.#offset = start.offset;
    this.#startOffset = start.offset;
    this.#nextBlock = start.block;
  }

  /** The end of the file, once it was found. */
  get end(): LntEnd | undefined {
    return this.#end;
  }

  /**
   * Takes bytes.
   *
   * @param bytes - Any number of them.
   * @returns The blocks and the damage that they complete.
   */
  push(bytes: Uint8Array): LntItem[] {
    const items: LntItem[] = [];
    if (this.#end === undefined) {
      this.#queue.push(bytes);
      this.#scan(items, false);
    } else {
      this.#passOver(bytes.length);
    }
    return items;
  }

  /**
   * Ends the bytes.
   *
   * @returns The last blocks and damage, and the end.
   */
  flush(): LntItem[] {
    const items: LntItem[] = [];
    this.#scan(items, true);
    if (this.#end !== undefined && this.#damageOffset !== undefined) {
      items.push(this.#damageUntil(this.#nextBlock, this.#end.numSamples));
    }
    items.push(this.#describeEnd());
    return items;
  }

  #scan(items: LntItem[], isFinal: boolean): void {
    while (this.#end === undefined && this.#queue.length > 0) {
      const bytes = this.#queue.waiting;
      const found = findMarker(bytes);
      if (found > 0) {
        // in a sound file a marker comes first
        this.#damageOffset ??= this.#offset;
        this.#drop(found);
        continue;
      }
      const attempt = isWhole(bytes) ? this.#read(bytes) : ({ status: 'short' } as const);
      if (attempt.status === 'short' && !isFinal) {
        return;
      }
      if (attempt.status === 'sound') {
        this.#take(attempt.part, attempt.numBytes, items);
      } else {
        this.#damageOffset ??= this.#offset;
        this.#drop(attempt.status === 'short' ? 1 : this.#step(attempt.numBytes));
      }
    }
    if (this.#end !== undefined) {
      const rest = this.#queue.length;
      this.#queue.clear();
      this.#passOver(rest);
    }
  }

  /** What follows the end is not kept. */
  #passOver(numBytes: number): void {
    if (numBytes > 0) {
      this.#damageOffset ??= this.#offset;
      this.#offset += numBytes;
    }
  }

  #read(bytes: Uint8Array): Part {
    const min = this.#nextBlock;
    // a block takes bytes of the file, so that a number far beyond them is none
    const before = (this.#offset - this.#headerBytes) / MIN_BLOCK_BYTES;
    const max = Math.floor(before) + MAX_LOST_BLOCKS;
    if (bytes[0] !== END_MARKER.charCodeAt(0)) {
      return this.#last === undefined
        ? this.#format.read(bytes, { min, max })
        : { status: 'unsound', numBytes: 0 };
    }
    const { blockLength } = this.#format.header;
    const numbers = { min, max: this.#last === undefined ? max : min, blockLength };
    const attempt = readEnd(bytes, numbers, this.#format.seed);
    return attempt.status === 'sound' && !this.#agrees(attempt.part)
      ? { status: 'unsound', numBytes: attempt.numBytes }
      : attempt;
  }

  /** Whether an end fits the blocks before it, the last of which says that it is. */
  #agrees({ numBlocks, numSamples }: LntEnd): boolean {
    return this.#last === undefined
      ? numBlocks > this.#nextBlock || numBlocks === 0
      : this.#last.startSample + this.#last.numSamples === numSamples;
  }

  #take(part: LntBlock | LntEnd, numBytes: number, items: LntItem[]): void {
    if ('codes' in part) {
      if (this.#damageOffset !== undefined || part.number > this.#nextBlock) {
        items.push(this.#damageUntil(part.number, part.startSample));
      }
      items.push({ type: 'block', ...part, offset: this.#offset, numBytes });
      this.#nextBlock = part.number + 1;
      this.#last = part.isLast ? part : undefined;
    } else {
      if (this.#damageOffset !== undefined || part.numBlocks > this.#nextBlock) {
        items.push(this.#damageUntil(part.numBlocks, part.numSamples));
      }
      this.#nextBlock = part.numBlocks;
      this.#end = part;
    }
    this.#drop(numBytes);
  }

  #damageUntil(block: number, endSample: number): LntDamage {
    const { blockLength } = this.#format.header;
    const firstBlock = this.#nextBlock;
    const numBlocks = block - firstBlock;
    const offset = this.#damageOffset ?? this.#offset;
    this.#damageOffset = undefined;
    const startSample = numBlocks === 0 ? endSample : firstBlock * blockLength;
    const numSamples = endSample - startSample;
    const numBytes = this.#offset - offset;
    return { type: 'damage', offset, numBytes, firstBlock, numBlocks, startSample, numSamples };
  }

  #describeEnd(): LntEndItem {
    if (this.#end !== undefined) {
      const { numSamples, numBlocks } = this.#end;
      return { type: 'end', isComplete: true, numSamples, numBlocks };
    }
    const numBlocks = this.#nextBlock;
    const numSamples =
      this.#last === undefined
        ? numBlocks * this.#format.header.blockLength
        : this.#last.startSample + this.#last.numSamples;
    return { type: 'end', isComplete: false, numSamples, numBlocks };
  }

  /**
   * How far to go on behind bytes that looked like a block and were none. A block may begin within them, but where
   * somebody made a file of such beginnings the search would take the square of its length.
   */
  #step(vainBytes: number): number {
    this.#vainBytes += vainBytes;
    const budget = MAX_VAIN * (this.#offset - this.#startOffset + vainBytes);
    return this.#vainBytes > budget && vainBytes > 0 ? vainBytes : 1;
  }

  #drop(count: number): void {
    this.#queue.drop(count);
    this.#offset += count;
  }
}

/** @returns Where the first marker begins, or what may become one; the length if there is none. */
function findMarker(bytes: Uint8Array): number {
  for (let offset = 0; offset < bytes.length; offset++) {
    const byte = bytes[offset];
    if (byte === 0x42 || byte === 0x45) {
      const rest = bytes.subarray(offset, offset + LONGEST_MARKER);
      if (MARKERS.some((marker) => begins(rest, marker))) {
        return offset;
      }
    }
  }
  return bytes.length;
}

function begins(bytes: Uint8Array, marker: Uint8Array): boolean {
  return marker.every((byte, index) => index >= bytes.length || bytes[index] === byte);
}

/** Whether a marker at the front is there as a whole. */
function isWhole(bytes: Uint8Array): boolean {
  return MARKERS.some((marker) => bytes.length >= marker.length && begins(bytes, marker));
}
