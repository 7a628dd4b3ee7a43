import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { SpeechError } from '../../base/errors.js';

/**
 * Writes to a response at the pace at which its client reads.
 *
 * @param response - The response; nothing is sent before the first write.
 * @param data - Bytes or text.
 * @param options - `signal`: the client has left. `stallTimeoutMs`: how long the client may read
 * nothing. `pause`: called once the data is written, with what there is to wait for if the client does
 * not read on; its end is that of the write.
 * @throws {SpeechError} `CANCELLED` if the client left or read nothing for too long.
 */
export async function writeSlowly(
  response: ServerResponse,
  data: Uint8Array | string,
  options: {
    signal: AbortSignal;
    stallTimeoutMs: number;
    pause: (wait?: () => Promise<void>) => Promise<void>;
  },
): Promise<void> {
  if (options.signal.aborted || response.destroyed) {
    throw new SpeechError('CANCELLED', 'The client left.');
  }
  await options.pause(response.write(data) ? undefined : () => untilDrained(response, options));
}

async function untilDrained(
  response: ServerResponse,
  { signal, stallTimeoutMs }: { signal: AbortSignal; stallTimeoutMs: number },
): Promise<void> {
  const waiting = new AbortController();
  const stop = () => {
    waiting.abort();
  };
  const timer = setTimeout(stop, stallTimeoutMs);
  signal.addEventListener('abort', stop, { once: true });
  try {
    await once(response, 'drain', { signal: waiting.signal });
  } catch (cause) {
    throw new SpeechError('CANCELLED', 'The client left or stopped reading.', {}, { cause });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
