import { parentPort } from 'node:worker_threads';
import '../../engine/worker/worker.js';

/** Chunks between two collections. */
const INTERVAL = 50;

// the real worker, but garbage does not pile up in it: what is held then is what it needs
let numChunks = 0;
parentPort?.on('message', ({ type }: { type: string }) => {
  if (type === 'consumed' && ++numChunks % INTERVAL === 0) {
    globalThis.gc?.();
  }
});
