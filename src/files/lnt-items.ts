import { createReadStream } from 'node:fs';
import type { LntItem } from '../../codecs/lnt/block-scanner.js';
import type { LntHeader } from '../../codecs/lnt/lnt-header.js';
import { LntReader } from '../../codecs/lnt/lnt-reader.js';
import { findCodeTables } from './code-tables.js';

const READ_BYTES = 2 ** 18;

/** What was found in a token file, and what the file says of itself. */
export type FoundItem = { item: LntItem; header: LntHeader };

/**
 * Reads a token file through.
 *
 * @param path - The file.
 * @param signal - Ends the reading.
 * @yields Its blocks, damage and end, in order.
 * @throws {SpeechError} `BITSTREAM_INVALID`, `BITSTREAM_TRUNCATED`, `WEIGHTS_DIFFER` where its header cannot be read;
 * what the file system throws.
 */
export async function* readLntItems(
  path: string,
  signal?: AbortSignal,
): AsyncGenerator<FoundItem, void, undefined> {
  const reader = new LntReader(findCodeTables);
  const bytes = createReadStream(path, {
    highWaterMark: READ_BYTES,
    ...(signal === undefined ? {} : { signal }),
  });
  for await (const part of bytes as AsyncIterable<Buffer>) {
    yield* withHeader(reader.push(part), reader);
  }
  yield* withHeader(reader.flush(), reader);
}

function withHeader(items: readonly LntItem[], { header }: LntReader): FoundItem[] {
  return items.map((item) => ({ item, header: header! }));
}
