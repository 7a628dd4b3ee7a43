import type { LntItem } from '../../codecs/lnt/block-scanner.js';
import type { FindTables } from '../../codecs/lnt/code-tables.js';
import { LntReader } from '../../codecs/lnt/lnt-reader.js';
import type { LntHeader } from '../../codecs/lnt/lnt-header.js';
import type { LntSource } from '../../codecs/lnt/lnt-seeker.js';
import { LntWriter, type LntPiece, type LntWriterOptions } from '../../codecs/lnt/lnt-writer.js';

/** A header of blocks of 40 samples, with two levels of frames of 4 and codes of 10 bits. */
export const SMALL_HEADER: LntHeader = {
  codec: 'rvq',
  name: 'small',
  weightsHash: '0f'.repeat(32),
  sampleRate: 40,
  channels: 1,
  encoderDelay: 0,
  blockLength: 40,
  levels: [
    { frameSize: 4, codebookSize: 1_000 },
    { frameSize: 4, codebookSize: 1_000 },
  ],
  tags: {},
};

/**
 * @param header - What the codes must fit.
 * @param numSamples - Samples that they stand for.
 * @param seed - Another one gives other codes.
 * @returns As many codes as the samples need, which look like noise.
 */
export function makePiece(header: LntHeader, numSamples: number, seed: number): LntPiece {
  const first = header.levels[0]!.frameSize;
  const covered = Math.ceil(numSamples / first) * first;
  let state = seed;
  const levels = Array.from({ length: header.channels }, () =>
    header.levels.map(({ frameSize, codebookSize }) =>
      Uint16Array.from({ length: Math.ceil(covered / frameSize) }, () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return Math.floor((state / 2 ** 32) * codebookSize);
      }),
    ),
  );
  return { levels, numSamples };
}

/**
 * @param header - The header.
 * @param piece - All codes.
 * @param options - Whether there shall be an index.
 * @returns The whole file.
 */
export function writePiece(
  header: LntHeader,
  piece: LntPiece,
  options?: LntWriterOptions,
): Uint8Array {
  const writer = new LntWriter(header, options);
  return new Uint8Array(Buffer.concat([writer.push(piece), writer.finish()]));
}

/**
 * @param bytes - A file.
 * @param cuts - Where to cut it, rising; not at all without it.
 * @returns What the reader finds.
 */
export function readItems(
  bytes: Uint8Array,
  cuts: readonly number[] = [],
  findTables?: FindTables,
): LntItem[] {
  const reader = new LntReader(findTables);
  const ends = [...cuts, bytes.length];
  const items = ends.flatMap((end, index) =>
    reader.push(bytes.subarray(ends[index - 1] ?? 0, end)),
  );
  return [...items, ...reader.flush()];
}

/**
 * @param bytes - What a file would hold.
 * @returns It, to be read from any place; `numRead` counts the bytes that were.
 */
export function sourceOf(bytes: Uint8Array): LntSource & { numRead: number } {
  return {
    size: bytes.length,
    numRead: 0,
    read(offset, numBytes) {
      const read = bytes.subarray(offset, offset + numBytes);
      this.numRead += read.length;
      return Promise.resolve(read);
    },
  };
}
