import { EngineConnection } from '../../engine/client/connection.js';
import { watchCalls } from './watch-calls.js';

/**
 * Notes what is asked of the codecs in engines' workers meanwhile.
 *
 * @param task - What to watch; gets the calls so far.
 * @returns What the task returned, and the calls: each a method and its arguments.
 */
export async function withCallsWatched<T>(
  task: (calls: readonly (readonly unknown[])[]) => Promise<T>,
): Promise<{ result: T; calls: (readonly unknown[])[] }> {
  const calls: (readonly unknown[])[] = [];
  const unwatch = watchCalls(EngineConnection.prototype, 'call', (_, args) => calls.push(args));
  try {
    return { result: await task(calls), calls };
  } finally {
    unwatch();
  }
}
