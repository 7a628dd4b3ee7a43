import { EventEmitter, getEventListeners } from 'node:events';
import type { ServerResponse } from 'node:http';
import { writeSlowly } from '../../../src/server/response-writer.js';

/** Takes what is written, and drains when it is told to. */
class SlowResponse extends EventEmitter {
  destroyed = false;
  readonly written: unknown[] = [];

  write(data: unknown): boolean {
    this.written.push(data);
    return false;
  }
}

describe('writeSlowly', () => {
  const pause = async (wait?: () => Promise<void>) => wait?.();

  it('waits until the client has read, and leaves no listener', async () => {
    const response = new SlowResponse();
    const { signal } = new AbortController();
    const options = { signal, stallTimeoutMs: 60_000, pause };
    for (const data of ['one', 'two']) {
      let isOver = false;
      const writing = writeSlowly(response as unknown as ServerResponse, data, options);
      void writing.then(() => {
        isOver = true;
      });
      await new Promise((resolve) => setImmediate(resolve));
      expect(isOver).toBe(false);
      response.emit('drain');
      await writing;
    }
    expect(response.written).toEqual(['one', 'two']);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    expect(response.listenerCount('drain')).toBe(0);
  });

  it('writes nothing to a client that has left, as the signal or the response says', async () => {
    for (const [signal, destroyed] of [
      [AbortSignal.abort(), false],
      [new AbortController().signal, true],
    ] as const) {
      const response = Object.assign(new SlowResponse(), { destroyed });
      const options = { signal, stallTimeoutMs: 60_000, pause };
      const writing = writeSlowly(response as unknown as ServerResponse, 'one', options);
      await expect(writing).rejects.toMatchObject({ code: 'CANCELLED' });
      expect(response.written).toEqual([]);
    }
  });
});
