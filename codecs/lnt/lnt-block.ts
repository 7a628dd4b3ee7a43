import { crc32 } from '../../base/crc32.js';
import { numPackedBytes, packCodes, unpackCodes, type CodeLayout } from './code-packing.js';
import { checkTables, type CodeTables, type FindTables } from './code-tables.js';
import { EntropyCoder, minCodedBytes } from './entropy-coding.js';
import type { LntHeader } from './lnt-header.js';

/** The codes of about a second. */
export type LntBlock = {
  /** 0 for the first block of the file. */
  readonly number: number;
  /** Samples that the blocks before it stand for. */
  readonly startSample: number;
  /** Samples that it stands for: those of the header's `blockLength`, or fewer in the last block. */
  readonly numSamples: number;
  /** Frames of the first level; those of the last block may reach beyond its samples. */
  readonly numFrames: number;
  /** Whether the file says that no block follows. */
  readonly isLast: boolean;
  /** Tokens `[C, K, T_k]`: channel after channel, in it level after level; `BlockFormat.countFrames` gives `T_k`. */
  readonly codes: Uint16Array;
};

/**
 * What became of the attempt to read a part of a file: the part with its length in bytes; `short` if it can only
 * be told with more bytes; or it is none, which took so many bytes of checksum to find out.
 */
export type Attempt<T> =
  | { readonly status: 'sound'; readonly part: T; readonly numBytes: number }
  | { readonly status: 'short' }
  | { readonly status: 'unsound'; readonly numBytes: number };

/** The first bytes of a block. */
export const BLOCK_MARKER = 'BK';

/** The first bytes of the last block. */
export const LAST_BLOCK_MARKER = 'BL';

const FIELD_BYTES = 8;
const LAST_FIELD_BYTES = 16;
const CRC_BYTES = 4;

/** The fewest bytes that a block takes: its fields, one byte of codes, its checksum. */
export const MIN_BLOCK_BYTES = FIELD_BYTES + 1 + CRC_BYTES;

const NONE = { status: 'unsound', numBytes: 0 } as const;
const SHORT = { status: 'short' } as const;

/** How the blocks of one file are written: its header says it. */
export class BlockFormat {
  /** The header. */
  readonly header: LntHeader;
  /** Frames of the first level in every block but the last. */
  readonly framesPerBlock: number;
  /** What the checksums of blocks and end begin with, so that those of another file are none here. */
  readonly seed: number;
  readonly #sizes: readonly number[];
  readonly #whole: CodeLayout;
  readonly #coder: EntropyCoder | undefined;

  /**
   * @param header - The header.
   * @param headerBytes - The same as bytes, whose checksum goes into those of the blocks.
   * @param tables - Those that the header names, if the codes are entropy-coded.
   */
  constructor(header: LntHeader, headerBytes: Uint8Array, tables?: CodeTables) {
    this.header = header;
    this.framesPerBlock = header.blockLength / header.levels[0]!.frameSize;
    this.seed = crc32(headerBytes.subarray(-CRC_BYTES));
    this.#sizes = header.levels.map(({ codebookSize }) => codebookSize);
    this.#whole = this.#layoutOf(this.framesPerBlock);
    this.#coder = tables === undefined ? undefined : new EntropyCoder(tables);
  }

  /**
   * Opens the format of a file that was found.
   *
   * @param header - Its header.
   * @param headerBytes - The same as bytes.
   * @param findTables - Finds the tables that it names.
   * @throws {SpeechError} As `checkTables`.
   */
  static open(header: LntHeader, headerBytes: Uint8Array, findTables: FindTables): BlockFormat {
    const { tablesCrc } = header;
    const tables = tablesCrc === undefined ? undefined : findTables(tablesCrc);
    checkTables(header, tables);
    return new BlockFormat(header, headerBytes, tables);
  }

  /**
   * The frames that each level has in a block.
   *
   * @param numFrames - Frames of the first level.
   * @returns For each level as many as cover the first level's samples.
   */
  countFrames(numFrames: number): number[] {
    return countFrames(this.header, numFrames);
  }

  /**
   * The bytes that a block takes.
   *
   * @param payloadBytes - Length of its payload.
   * @param isLast - Whether it is the last one.
   */
  sizeOf(payloadBytes: number, isLast: boolean): number {
    return (isLast ? LAST_FIELD_BYTES : FIELD_BYTES) + payloadBytes + CRC_BYTES;
  }

  /**
   * Writes a block.
   *
   * @param block - Its codes, all below the sizes of their codebooks.
   * @returns Its bytes, and how many of them are payload.
   */
  write(block: LntBlock): { bytes: Uint8Array; payloadBytes: number } {
    const { number, numSamples, numFrames, isLast, codes } = block;
    const layout = isLast ? this.#layoutOf(numFrames) : this.#whole;
    const payload = this.#coder?.encode(codes, layout) ?? packCodes(codes, layout);
    const bytes = new Uint8Array(this.sizeOf(payload.length, isLast));
    const view = new DataView(bytes.buffer);
    bytes.set(new TextEncoder().encode(isLast ? LAST_BLOCK_MARKER : BLOCK_MARKER));
    view.setUint16(2, payload.length, true);
    view.setUint32(4, number, true);
    if (isLast) {
      view.setUint32(8, numSamples, true);
      view.setUint32(12, numFrames, true);
    }
    const end = bytes.length - CRC_BYTES;
    bytes.set(payload, end - payload.length);
    view.setUint32(end, crc32(bytes.subarray(0, end), this.seed), true);
    return { bytes, payloadBytes: payload.length };
  }

  /**
   * Tries to read a block.
   *
   * @param bytes - They begin with the marker of a block; more may follow it.
   * @param numbers - The numbers that it may have.
   * @returns The block, if these bytes are one.
   */
  read(bytes: Uint8Array, numbers: { min: number; max: number }): Attempt<LntBlock> {
    const isLast = bytes[1] === LAST_BLOCK_MARKER.charCodeAt(1);
    const fieldBytes = isLast ? LAST_FIELD_BYTES : FIELD_BYTES;
    if (bytes.length < fieldBytes) {
      return SHORT;
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { blockLength } = this.header;
    const number = view.getUint32(4, true);
    const numSamples = isLast ? view.getUint32(8, true) : blockLength;
    const numFrames = isLast ? view.getUint32(12, true) : this.framesPerBlock;
    if (number < numbers.min || number > numbers.max || !this.#isPossible(numSamples, numFrames)) {
      return NONE;
    }
    const layout = isLast ? this.#layoutOf(numFrames) : this.#whole;
    const payloadBytes = view.getUint16(2, true);
    const isPossible =
      this.#coder === undefined
        ? payloadBytes === numPackedBytes(layout)
        : payloadBytes >= minCodedBytes(layout);
    if (!isPossible) {
      return NONE;
    }
    const end = fieldBytes + payloadBytes;
    const numBytes = end + CRC_BYTES;
    if (bytes.length < numBytes) {
      return SHORT;
    }
    if (crc32(bytes.subarray(0, end), this.seed) !== view.getUint32(end, true)) {
      return { status: 'unsound', numBytes };
    }
    const payload = bytes.subarray(fieldBytes, end);
    const codes =
      this.#coder === undefined
        ? unpackCodes(payload, layout)
        : this.#coder.decode(payload, layout);
    if (codes === undefined) {
      return { status: 'unsound', numBytes };
    }
    const startSample = number * blockLength;
    const part = { number, startSample, numSamples, numFrames, isLast, codes };
    return { status: 'sound', part, numBytes };
  }

  #isPossible(numSamples: number, numFrames: number): boolean {
    const { blockLength, levels } = this.header;
    return (
      numSamples >= 1 &&
      numSamples <= blockLength &&
      numFrames <= 2 * this.framesPerBlock &&
      numFrames * levels[0]!.frameSize >= numSamples
    );
  }

  #layoutOf(numFrames: number): CodeLayout {
    const { channels } = this.header;
    return { channels, counts: this.countFrames(numFrames), codebookSizes: this.#sizes };
  }
}

/**
 * The frames that each level has beside so many of the first level.
 *
 * @param header - Sizes of the levels' frames.
 * @param numFrames - Frames of the first level.
 * @returns For each level as many as cover the first level's samples.
 */
export function countFrames({ levels }: LntHeader, numFrames: number): number[] {
  const covered = numFrames * levels[0]!.frameSize;
  return levels.map(({ frameSize }) => Math.ceil(covered / frameSize));
}
