import { SpeechError } from '../../base/errors.js';
import { BlockScanner, type LntItem } from './block-scanner.js';
import { ByteQueue } from './byte-queue.js';
import type { FindTables } from './code-tables.js';
import { BlockFormat } from './lnt-block.js';
import { LNT_PREFIX_BYTES, readHeader, readHeaderLength, type LntHeader } from './lnt-header.js';
import { cutVersion1, readVersion1, readVersion1Length, VERSION_1_MAGIC } from './version-1.js';

const MAGIC_BYTES = 4;

/**
 * Reads a `.lnt` file while its bytes come, cut anywhere. It holds the header and one block; of version 1, which has
 * one checksum for everything, it holds the file and gives its blocks at the end.
 */
export class LntReader {
  readonly #queue = new ByteQueue();
  readonly #findTables: FindTables;
  #scanner: BlockScanner | undefined;
  #header: LntHeader | undefined;

  /** @param findTables - Finds the tables of files whose codes are entropy-coded; without it these are refused. */
  constructor(findTables: FindTables = () => undefined) {
    this.#findTables = findTables;
  }

  /** What the file says of itself; `undefined` until its bytes have come. */
  get header(): LntHeader | undefined {
    return this.#header;
  }

  /**
   * Takes bytes.
   *
   * @param bytes - Any number of them.
   * @returns The blocks that they complete, and the damage before them. Whether to go on is the caller's choice.
   * @throws {SpeechError} `BITSTREAM_INVALID` if it is no `.lnt` file, or its header cannot be read;
   * `WEIGHTS_DIFFER` if its codes are coded by tables that are not here.
   */
  push(bytes: Uint8Array): LntItem[] {
    if (this.#scanner !== undefined) {
      return this.#scanner.push(bytes);
    }
    this.#queue.push(bytes);
    return this.#begin();
  }

  /**
   * Ends the file.
   *
   * @returns The last blocks and damage; last the end, which tells whether the file's own end was there.
   * @throws {SpeechError} `BITSTREAM_TRUNCATED` if the header was not complete; `BITSTREAM_INVALID` if it is no
   * `.lnt` file; for version 1 as well if anything is wrong with it.
   */
  flush(): LntItem[] {
    if (this.#scanner !== undefined) {
      return this.#scanner.flush();
    }
    const bytes = this.#queue.waiting;
    if (bytes.length < MAGIC_BYTES) {
      throw notLnt();
    }
    if (magicOf(bytes) !== VERSION_1_MAGIC) {
      throw new SpeechError(
        'BITSTREAM_TRUNCATED',
        `The file ends after ${bytes.length} bytes, within its header.`,
        { available: bytes.length },
      );
    }
    const { header, items } = cutVersion1(readVersion1(bytes));
    this.#header = header;
    return items;
  }

  #begin(): LntItem[] {
    const bytes = this.#queue.waiting;
    if (bytes.length < LNT_PREFIX_BYTES) {
      return [];
    }
    if (magicOf(bytes) === VERSION_1_MAGIC) {
      checkVersion1Length(bytes);
      return [];
    }
    const headerBytes = readHeaderLength(bytes);
    if (headerBytes === undefined) {
      throw notLnt();
    }
    if (bytes.length < headerBytes) {
      return [];
    }
    const first = bytes.subarray(0, headerBytes);
    const header = readHeader(first);
    const format = BlockFormat.open(header, first, this.#findTables);
    this.#header = header;
    this.#scanner = new BlockScanner(format, headerBytes);
    const items = this.#scanner.push(bytes.subarray(headerBytes));
    this.#queue.clear();
    return items;
  }
}

/** A pipe that never ends must not be collected because it begins like a file of version 1. */
function checkVersion1Length(bytes: Uint8Array): void {
  const length = readVersion1Length(bytes);
  if (length !== undefined && bytes.length > length) {
    throw new SpeechError(
      'BITSTREAM_INVALID',
      `The file is damaged: it goes on after the ${length} bytes that its header tells.`,
      { length },
    );
  }
}

function magicOf(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes.subarray(0, MAGIC_BYTES));
}

function notLnt(): SpeechError {
  return new SpeechError(
    'BITSTREAM_INVALID',
    'The file is not a .lnt file: it does not begin with LNT1 or LNT2.',
  );
}
