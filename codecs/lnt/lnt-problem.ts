import { SpeechError } from '../../base/errors.js';
import type { LntItem } from './block-scanner.js';

/**
 * What is wrong with a file where a reader found something.
 *
 * @param item - What it found.
 * @returns The error for whoever wants a sound file: `BITSTREAM_INVALID` for damage, `BITSTREAM_TRUNCATED` for a
 * missing end; `undefined` for blocks and the file's end.
 */
export function problemOf(item: LntItem): SpeechError | undefined {
  if (item.type === 'damage') {
    const { offset, numBytes, firstBlock, numBlocks } = item;
    const loss =
      numBlocks === 0
        ? 'no block is lost'
        : `${numBlocks} blocks from block ${firstBlock} on are lost`;
    return new SpeechError(
      'BITSTREAM_INVALID',
      `The file is damaged: ${numBytes} bytes from byte ${offset} on are no part of it, and ${loss}.`,
      { offset, numBytes, firstBlock, numBlocks },
    );
  }
  if (item.type === 'end' && !item.isComplete) {
    const { numBlocks } = item;
    return new SpeechError(
      'BITSTREAM_TRUNCATED',
      `The file has no end: it was cut off after ${numBlocks} whole blocks, or its end is damaged.`,
      { numBlocks },
    );
  }
  return undefined;
}
