import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Collects what nobody holds any more; then a `WeakRef` to it is empty. */
export async function collectGarbage(): Promise<void> {
  // what a WeakRef was asked for is held until the end of the turn
  await new Promise((resolve) => setImmediate(resolve));
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
}
