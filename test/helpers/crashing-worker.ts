import { parentPort } from 'node:worker_threads';
import '../../engine/worker/worker.js';

// the real worker, but a word of command ends it in the middle of its work
parentPort?.on('message', (command: { type: string; text?: string }) => {
  if (command.type === 'text' && command.text?.includes('[crash]') === true) {
    process.exit(3);
  }
});
