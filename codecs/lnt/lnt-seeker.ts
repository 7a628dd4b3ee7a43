import { SpeechError } from '../../base/errors.js';
import { BlockScanner, type LntItem } from './block-scanner.js';
import type { FindTables } from './code-tables.js';
import { BlockFormat } from './lnt-block.js';
import {
  END_MARKER,
  readEnd,
  readEndLength,
  sizeOfEnd,
  TRAILER_BYTES,
  type LntEnd,
} from './lnt-end.js';
import { LNT_PREFIX_BYTES, readHeader, readHeaderLength, type LntHeader } from './lnt-header.js';
import { LntReader } from './lnt-reader.js';

/** Bytes that can be read from any place, such as a file. */
export type LntSource = {
  /** Bytes in all. */
  readonly size: number;
  /**
   * Reads bytes.
   *
   * @param offset - Where the first one lies.
   * @param numBytes - How many; so many are there.
   * @returns As many, or fewer where the source has become shorter.
   */
  read(offset: number, numBytes: number): Promise<Uint8Array>;
};

/** Where the blocks of a file lie. */
type Places = {
  readonly numBlocks: number;
  readonly numSamples: number;
  /** Where to read on for the codes of a block: its first byte, or the damage where it should be. */
  offsetOf(block: number): number;
};

const PIECE_BYTES = 2 ** 15;

/**
 * Reads a `.lnt` file from any block on. It finds its place by the index at the end of the file; where that is
 * missing or damaged, or a block does not lie where it says, it reads through the file once.
 */
export class LntSeeker {
  /** What the file says of itself. */
  readonly header: LntHeader;
  readonly #places: Places;
  readonly #read: (block: number) => AsyncGenerator<LntItem, void, undefined>;

  private constructor(
    header: LntHeader,
    places: Places,
    read: (block: number) => AsyncGenerator<LntItem, void, undefined>,
  ) {
    this.header = header;
    this.#places = places;
    this.#read = read;
  }

  /**
   * Opens a file.
   *
   * @param source - Its bytes.
   * @param findTables - Finds the tables of files whose codes are entropy-coded; without it these are refused.
   * @returns The file, whose header and index were read.
   * @throws {SpeechError} `BITSTREAM_INVALID`, `BITSTREAM_TRUNCATED` as {@link LntReader}; what `source` throws.
   */
  static async open(
    source: LntSource,
    findTables: FindTables = () => undefined,
  ): Promise<LntSeeker> {
    const prefix = await source.read(0, Math.min(source.size, LNT_PREFIX_BYTES));
    const headerBytes = prefix.length < LNT_PREFIX_BYTES ? undefined : readHeaderLength(prefix);
    if (headerBytes === undefined || headerBytes > source.size) {
      return LntSeeker.#openWhole(source);
    }
    const first = await source.read(0, headerBytes);
    if (first.length < headerBytes) {
      throw new SpeechError('BITSTREAM_TRUNCATED', 'The file became shorter while it was read.');
    }
    const header = readHeader(first);
    const format = BlockFormat.open(header, first, findTables);
    const scan = (offset: number, block: number) =>
      readItems(source, new BlockScanner(format, headerBytes, { offset, block }), offset);
    const end = await readEndOf(source, format, headerBytes);
    const indexed = end === undefined ? undefined : placeByIndex(source, format, headerBytes, end);
    let found: Places | undefined;
    const find = async () => (found ??= await placeByReading(scan(headerBytes, 0), headerBytes));
    return new LntSeeker(header, indexed ?? (await find()), async function* (block) {
      if (indexed !== undefined) {
        const items = scan(indexed.offsetOf(block), block);
        const first = await items.next();
        if (first.done !== true && first.value.type === 'block') {
          yield first.value;
          yield* items;
          return;
        }
      }
      // bytes lost in one place and put in at another leave the file's length, and the block elsewhere
      yield* scan((await find()).offsetOf(block), block);
    });
  }

  /** What is of version 1 is read as a whole; of what is none or has no whole header the reader says so. */
  static async #openWhole(source: LntSource): Promise<LntSeeker> {
    const reader = new LntReader();
    const items: LntItem[] = [];
    for (let offset = 0; offset < source.size; offset += PIECE_BYTES) {
      const piece = await source.read(offset, Math.min(PIECE_BYTES, source.size - offset));
      items.push(...reader.push(piece));
    }
    items.push(...reader.flush());
    const places = await placeByReading(items, 0);
    return new LntSeeker(reader.header!, places, async function* (block) {
      // nothing to wait for: the other files are read from their source
      yield* await Promise.resolve(items.slice(block));
    });
  }

  /** Blocks in all, as far as is known. */
  get numBlocks(): number {
    return this.#places.numBlocks;
  }

  /** Samples in all, as far as is known. */
  get numSamples(): number {
    return this.#places.numSamples;
  }

  /**
   * Reads from a block to the end of the file.
   *
   * @param block - The first block wanted, 0 to `numBlocks` - 1, or 0 if there is none; that of a sample is the sample's number by
   * `header.blockLength`, rounded down. A decoder needs the blocks before it too if its past matters.
   * @returns What a reader of the whole file finds from there on, in order.
   * @throws {SpeechError} `OPTION_INVALID` if there is no such block; what the source throws.
   */
  read(block: number): AsyncGenerator<LntItem, void, undefined> {
    const { numBlocks } = this;
    if (!Number.isInteger(block) || block < 0 || block >= Math.max(1, numBlocks)) {
      throw new SpeechError(
        'OPTION_INVALID',
        `block is ${block}; the file has the blocks 0 to ${numBlocks - 1}.`,
        { block, numBlocks },
      );
    }
    return this.#read(block);
  }
}

async function* readItems(
  source: LntSource,
  scanner: BlockScanner,
  start: number,
): AsyncGenerator<LntItem, void, undefined> {
  for (let offset = start; offset < source.size;) {
    const piece = await source.read(offset, Math.min(PIECE_BYTES, source.size - offset));
    if (piece.length === 0) {
      break;
    }
    offset += piece.length;
    yield* scanner.push(piece);
  }
  yield* scanner.flush();
}

async function readEndOf(
  source: LntSource,
  format: BlockFormat,
  headerBytes: number,
): Promise<LntEnd | undefined> {
  const trailer = await source.read(source.size - TRAILER_BYTES, TRAILER_BYTES);
  const length = readEndLength(trailer);
  if (length === undefined || length > source.size - headerBytes) {
    return undefined;
  }
  const bytes = await source.read(source.size - length, length);
  if (new TextDecoder('latin1').decode(bytes.subarray(0, END_MARKER.length)) !== END_MARKER) {
    return undefined;
  }
  const { blockLength } = format.header;
  const attempt = readEnd(bytes, { min: 0, max: source.size, blockLength }, format.seed);
  return attempt.status === 'sound' && attempt.numBytes === length ? attempt.part : undefined;
}

/** By the index, if its blocks fill the file to the byte. */
function placeByIndex(
  source: LntSource,
  format: BlockFormat,
  headerBytes: number,
  end: LntEnd,
): Places | undefined {
  const { numBlocks, numSamples, payloadBytes } = end;
  if (payloadBytes === undefined) {
    return undefined;
  }
  const offsets = new Float64Array(numBlocks + 1);
  offsets[0] = headerBytes;
  payloadBytes.forEach((length, block) => {
    offsets[block + 1] = offsets[block]! + format.sizeOf(length, block === numBlocks - 1);
  });
  return offsets[numBlocks]! + sizeOfEnd(numBlocks) === source.size
    ? { numBlocks, numSamples, offsetOf: (block) => offsets[block]! }
    : undefined;
}

async function placeByReading(
  items: AsyncIterable<LntItem> | Iterable<LntItem>,
  headerBytes: number,
): Promise<Places> {
  const numbers: number[] = [];
  const offsets: number[] = [];
  let numBlocks = 0;
  let numSamples = 0;
  for await (const item of items) {
    if (item.type === 'end') {
      ({ numBlocks, numSamples } = item);
      break;
    }
    // a block is read from the damage before it on
    const number = item.type === 'block' ? item.number : item.firstBlock;
    if (number !== numbers.at(-1)) {
      numbers.push(number);
      offsets.push(item.offset);
    }
  }
  const offsetOf = (block: number) => offsets[findLast(numbers, block)] ?? headerBytes;
  return { numBlocks, numSamples, offsetOf };
}

/** @returns The place of the last number of a rising row that is not above `limit`. */
function findLast(numbers: readonly number[], limit: number): number {
  let low = 0;
  let high = numbers.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (numbers[middle]! <= limit) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}
