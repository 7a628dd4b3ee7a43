import { crc32 } from '../../base/crc32.js';
import type { Attempt } from './lnt-block.js';

/** What stands at the end of a complete file. */
export type LntEnd = {
  /** Samples in all. */
  readonly numSamples: number;
  /** Blocks in all. */
  readonly numBlocks: number;
  /** Bytes of payload of each block, `[numBlocks]`; `undefined` if the file has no index. */
  readonly payloadBytes: Uint16Array | undefined;
};

/** The first bytes of the end. */
export const END_MARKER = 'END2';

/** The last bytes of the file: the length of the end, then {@link LAST_MARKER}. */
export const TRAILER_BYTES = 8;

const LAST_MARKER = 'LNTE';
const FIELD_BYTES = 20;
const CRC_BYTES = 4;
const NONE = { status: 'unsound', numBytes: 0 } as const;

/**
 * The bytes that the end of a file takes.
 *
 * @param numIndexed - Blocks in its index.
 */
export function sizeOfEnd(numIndexed: number): number {
  return FIELD_BYTES + 2 * numIndexed + CRC_BYTES + TRAILER_BYTES;
}

/**
 * Writes the end of a file.
 *
 * @param end - What it says.
 * @param seed - What its checksum begins with: `BlockFormat.seed`.
 * @returns Its bytes.
 */
export function writeEnd(end: LntEnd, seed: number): Uint8Array {
  const { numSamples, numBlocks, payloadBytes = new Uint16Array(0) } = end;
  const crcOffset = FIELD_BYTES + 2 * payloadBytes.length;
  const bytes = new Uint8Array(sizeOfEnd(payloadBytes.length));
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(END_MARKER));
  view.setBigUint64(4, BigInt(numSamples), true);
  view.setUint32(12, numBlocks, true);
  view.setUint32(16, payloadBytes.length, true);
  payloadBytes.forEach((length, block) => {
    view.setUint16(FIELD_BYTES + 2 * block, length, true);
  });
  view.setUint32(crcOffset, crc32(bytes.subarray(0, crcOffset), seed), true);
  view.setUint32(crcOffset + CRC_BYTES, bytes.length, true);
  bytes.set(new TextEncoder().encode(LAST_MARKER), bytes.length - LAST_MARKER.length);
  return bytes;
}

/**
 * Tries to read the end of a file.
 *
 * @param bytes - They begin with its marker; more may follow it.
 * @param possible - The numbers of blocks that it may tell, and the samples of a block.
 * @param seed - What its checksum begins with: `BlockFormat.seed`.
 * @returns The end, if these bytes are one.
 */
export function readEnd(
  bytes: Uint8Array,
  possible: { min: number; max: number; blockLength: number },
  seed: number,
): Attempt<LntEnd> {
  if (bytes.length < FIELD_BYTES) {
    return { status: 'short' };
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numSamples = Number(view.getBigUint64(4, true));
  const numBlocks = view.getUint32(12, true);
  const numIndexed = view.getUint32(16, true);
  if (
    numBlocks < possible.min ||
    numBlocks > possible.max ||
    !Number.isSafeInteger(numSamples) ||
    Math.ceil(numSamples / possible.blockLength) !== numBlocks ||
    (numIndexed !== 0 && numIndexed !== numBlocks)
  ) {
    return NONE;
  }
  const crcOffset = FIELD_BYTES + 2 * numIndexed;
  const numBytes = sizeOfEnd(numIndexed);
  if (bytes.length < numBytes) {
    return { status: 'short' };
  }
  if (
    crc32(bytes.subarray(0, crcOffset), seed) !== view.getUint32(crcOffset, true) ||
    readEndLength(bytes.subarray(numBytes - TRAILER_BYTES, numBytes)) !== numBytes
  ) {
    return { status: 'unsound', numBytes };
  }
  const hasIndex = numIndexed > 0 || numBlocks === 0;
  const payloadBytes = hasIndex ? new Uint16Array(numIndexed) : undefined;
  payloadBytes?.forEach((_, block) => {
    payloadBytes[block] = view.getUint16(FIELD_BYTES + 2 * block, true);
  });
  return { status: 'sound', part: { numSamples, numBlocks, payloadBytes }, numBytes };
}

/**
 * Reads the length of the end from the last bytes of a file.
 *
 * @param trailer - The last {@link TRAILER_BYTES} bytes.
 * @returns Bytes, not checked; `undefined` if a file does not end so.
 */
export function readEndLength(trailer: Uint8Array): number | undefined {
  const marker = new TextDecoder('latin1').decode(trailer.subarray(-LAST_MARKER.length));
  const view = new DataView(trailer.buffer, trailer.byteOffset, trailer.byteLength);
  return trailer.length === TRAILER_BYTES && marker === LAST_MARKER
    ? view.getUint32(0, true)
    : undefined;
}
