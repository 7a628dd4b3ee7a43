import { SpeechError } from '../../base/errors.js';

/** How a block of codec tokens is laid out. */
export type CodeLayout = {
  /** Codebooks per frame, `K`. At least 1. */
  numCodebooks: number;
  /** Width of one code in bits, 1 to 16. A 1024-entry codebook needs 10. */
  bitsPerCode: number;
};

/**
 * Packs codec tokens into bytes, least significant bit first, with no gap between codes.
 *
 * @param codes - Tokens of shape `[T, K]`, frame-major: all `K` codes of frame 0, then frame 1.
 * Each is in `[0, 2 ** bitsPerCode)`.
 * @param layout - Codebooks per frame and bits per code.
 * @returns `ceil(T * K * bitsPerCode / 8)` bytes. The unused high bits of the last byte are 0, so
 * the byte count alone does not give `T`: store `T` in the header.
 * @throws {SpeechError} `INPUT_SHAPE_MISMATCH` if `codes.length` is not a multiple of `K`;
 * `CODE_OUT_OF_RANGE` if a code does not fit in `bitsPerCode` bits.
 */
export function packCodes(codes: Uint16Array, layout: CodeLayout): Uint8Array {
  const { numCodebooks, bitsPerCode } = layout;
  if (codes.length % numCodebooks !== 0) {
    throw new SpeechError(
      'INPUT_SHAPE_MISMATCH',
      `codes must hold whole frames of ${numCodebooks} codes, but its length is ${codes.length}.`,
      { length: codes.length, numCodebooks },
    );
  }

  const limit = 2 ** bitsPerCode;
  const bytes = new Uint8Array(numPackedBytes(codes.length, bitsPerCode));
  let pending = 0;
  let pendingBits = 0;
  let offset = 0;

  for (let index = 0; index < codes.length; index++) {
    const code = codes[index]!;
    if (code >= limit) {
      throw new SpeechError(
        'CODE_OUT_OF_RANGE',
        `codes[${index}] is ${code}; ${bitsPerCode}-bit codes must be below ${limit}.`,
        { index, code, bitsPerCode },
      );
    }
    // at most 7 + 16 bits are pending, so 32-bit integer arithmetic is exact
    pending |= code << pendingBits;
    pendingBits += bitsPerCode;
    while (pendingBits >= 8) {
      bytes[offset++] = pending & 0xff;
      pending >>>= 8;
      pendingBits -= 8;
    }
  }
  if (pendingBits > 0) {
    bytes[offset] = pending;
  }
  return bytes;
}

/**
 * Reads back what {@link packCodes} wrote.
 *
 * @param bytes - The packed codes; bytes after the last code are not looked at.
 * @param numFrames - Frames to read, `T`.
 * @param layout - As it was when packing.
 * @returns Tokens of shape `[T, K]`, frame-major.
 * @throws {SpeechError} `BITSTREAM_TRUNCATED` if there are too few bytes.
 */
export function unpackCodes(bytes: Uint8Array, numFrames: number, layout: CodeLayout): Uint16Array {
  const { numCodebooks, bitsPerCode } = layout;
  const numCodes = numFrames * numCodebooks;
  const needed = numPackedBytes(numCodes, bitsPerCode);
  if (bytes.length < needed) {
    throw new SpeechError(
      'BITSTREAM_TRUNCATED',
      `${numFrames} frames need ${needed} bytes of codes, ${bytes.length} are there.`,
      { numFrames, needed, available: bytes.length },
    );
  }
  const codes = new Uint16Array(numCodes);
  const mask = 2 ** bitsPerCode - 1;
  let pending = 0;
  let pendingBits = 0;
  let offset = 0;
  for (let index = 0; index < numCodes; index++) {
    while (pendingBits < bitsPerCode) {
      pending |= bytes[offset++]! << pendingBits;
      pendingBits += 8;
    }
    codes[index] = pending & mask;
    pending >>>= bitsPerCode;
    pendingBits -= bitsPerCode;
  }
  return codes;
}

/**
 * The number of bytes that packed codes take.
 *
 * @param numCodes - `T * K`.
 * @param bitsPerCode - 1 to 16.
 * @returns `ceil(numCodes * bitsPerCode / 8)`.
 */
export function numPackedBytes(numCodes: number, bitsPerCode: number): number {
  return Math.ceil((numCodes * bitsPerCode) / 8);
}
