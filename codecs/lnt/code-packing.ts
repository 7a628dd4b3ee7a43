/** How the codes of a block, or of a whole file of version 1, lie one after the other. */
export type CodeLayout = {
  /** Channels; all levels of one come before those of the next. At least 1. */
  readonly channels: number;
  /** Codes of each level in one channel. */
  readonly counts: readonly number[];
  /** Entries in each level's codebook, 2 to 65,536. A codebook of 1024 takes 10 bits a code. */
  readonly codebookSizes: readonly number[];
};

/**
 * Bits that a code takes when it is packed.
 *
 * @param codebookSize - Entries in the codebook, 2 to 65,536.
 * @returns `ceil(log2(codebookSize))`, 1 to 16.
 */
export function bitsFor(codebookSize: number): number {
  return 32 - Math.clz32(codebookSize - 1);
}

/**
 * The number of codes that a layout holds.
 *
 * @param layout - Channels and levels.
 * @returns The sum over levels and channels.
 */
export function numCodes({ channels, counts }: CodeLayout): number {
  return channels * counts.reduce((sum, count) => sum + count, 0);
}

/**
 * The number of bytes that packed codes take.
 *
 * @param layout - Channels and levels.
 * @returns The sum of all codes' bits by 8, rounded up.
 */
export function numPackedBytes({ channels, counts, codebookSizes }: CodeLayout): number {
  const bits = counts.reduce(
    (sum, count, level) => sum + count * bitsFor(codebookSizes[level]!),
    0,
  );
  return Math.ceil((channels * bits) / 8);
}

/**
 * Packs codec tokens into bytes, least significant bit first, with no gap between codes.
 *
 * @param codes - Tokens in the layout's order, `[C, K, T_k]`: channel after channel, in it level after level,
 * each below its codebook's size.
 * @param layout - What `codes` holds.
 * @returns {@link numPackedBytes} bytes. The unused high bits of the last byte are 0, so the byte count alone does
 * not give `T`.
 */
export function packCodes(codes: Uint16Array, layout: CodeLayout): Uint8Array {
  const { channels, counts, codebookSizes } = layout;
  const bytes = new Uint8Array(numPackedBytes(layout));
  let pending = 0;
  let pendingBits = 0;
  let offset = 0;
  let index = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (let level = 0; level < counts.length; level++) {
      const bits = bitsFor(codebookSizes[level]!);
      for (const end = index + counts[level]!; index < end; index++) {
        // at most 7 + 16 bits are pending, so 32-bit integer arithmetic is exact
        pending |= codes[index]! << pendingBits;
        pendingBits += bits;
        while (pendingBits >= 8) {
          bytes[offset++] = pending & 0xff;
          pending >>>= 8;
          pendingBits -= 8;
        }
      }
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
 * @param bytes - The packed codes; at least {@link numPackedBytes} of them, what follows is not looked at.
 * @param layout - As it was when packing.
 * @returns Tokens `[C, K, T_k]`, or `undefined` if a code is outside its codebook or an unused bit is not 0: these
 * bytes were not packed so.
 */
export function unpackCodes(bytes: Uint8Array, layout: CodeLayout): Uint16Array | undefined {
  const { channels, counts, codebookSizes } = layout;
  const codes = new Uint16Array(numCodes(layout));
  let pending = 0;
  let pendingBits = 0;
  let offset = 0;
  let index = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (let level = 0; level < counts.length; level++) {
      const size = codebookSizes[level]!;
      const bits = bitsFor(size);
      const mask = 2 ** bits - 1;
      for (const end = index + counts[level]!; index < end; index++) {
        while (pendingBits < bits) {
          pending |= bytes[offset++]! << pendingBits;
          pendingBits += 8;
        }
        const code = pending & mask;
        if (code >= size) {
          return undefined;
        }
        codes[index] = code;
        pending >>>= bits;
        pendingBits -= bits;
      }
    }
  }
  return pending === 0 ? codes : undefined;
}
