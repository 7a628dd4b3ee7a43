import { joinBytes } from '../../../base/arrays.js';

/**
 * Looks at the first bytes of a stream.
 *
 * @param source - The stream.
 * @param numBytes - How many to look at.
 * @returns `head`: at least as many, unless there are no more. `bytes`: all, the first ones included; can be read once.
 * @throws What the stream throws.
 */
export async function peek(
  source: AsyncIterable<Uint8Array>,
  numBytes: number,
): Promise<{ head: Uint8Array; bytes: AsyncIterable<Uint8Array> }> {
  const iterator = source[Symbol.asyncIterator]();
  const parts: Uint8Array[] = [];
  let numRead = 0;
  while (numRead < numBytes) {
    const next = await iterator.next();
    if (next.done === true) {
      break;
    }
    parts.push(next.value);
    numRead += next.value.length;
  }
  const head = joinBytes(parts);
  async function* all(): AsyncGenerator<Uint8Array, void, undefined> {
    if (head.length > 0) {
      yield head;
    }
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      yield next.value;
    }
  }
  return { head, bytes: all() };
}
