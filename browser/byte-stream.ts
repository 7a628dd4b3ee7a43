import { SpeechError } from '../base/errors.js';

/** Bytes as they come: the body of a response, a file's stream, or anything that yields them. */
export type ByteStream = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * Reads bytes as they come, also where streams are not iterable yet, as in Safari.
 *
 * @param stream - The bytes; it is cancelled when the reader stops early.
 * @param signal - Ends the reading, also while no bytes come.
 * @throws {SpeechError} `CANCELLED`; what the stream throws.
 */
export async function* readBytes(
  stream: ByteStream,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const source: AsyncIterator<Uint8Array, unknown> =
    'getReader' in stream ? readerOf(stream) : stream[Symbol.asyncIterator]();
  const end = () => void source.return?.().catch(() => undefined);
  let whenAborted: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    whenAborted = () => {
      reject(new SpeechError('CANCELLED', 'Decoding was cancelled.'));
    };
  });
  // nobody may be waiting when it is rejected
  aborted.catch(() => undefined);
  signal?.addEventListener('abort', whenAborted!, { once: true });
  if (signal?.aborted === true) {
    whenAborted!();
  }
  try {
    for (;;) {
      const result = await Promise.race([aborted, source.next()]);
      if (result.done === true) {
        return;
      }
      yield result.value;
    }
  } finally {
    signal?.removeEventListener('abort', whenAborted!);
    // not waited for: a generator that hangs returns only when it goes on
    end();
  }
}

function readerOf(stream: ReadableStream<Uint8Array>): AsyncIterator<Uint8Array, void> {
  const reader = stream.getReader();
  return {
    next: async () => {
      const { done, value } = await reader.read();
      return done ? { done: true, value: undefined } : { done: false, value };
    },
    return: async () => {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}
