import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ServerOptions } from '../src/server/options.js';
import type { ServerCommand, ServerReport } from './server-process.js';
import { engineOptions, type BenchSettings } from './settings.js';

/** A server in a process of its own. */
export type ServerChild = {
  /** Its base address. */
  url: string;
  /** Its resident memory in MB (10^6 bytes). */
  readMemoryMb: () => Promise<number>;
  /** Opens both codecs in it, and uses them. */
  openCodecs: () => Promise<void>;
};

/**
 * Starts a real server on a free port for as long as something is measured on it.
 *
 * @param settings - Device and models.
 * @param options - What differs from the server's defaults.
 * @param measure - What is done with it.
 * @returns What `measure` does.
 * @throws {Error} If the server does not start; what `measure` throws.
 */
export async function withServer<T>(
  settings: BenchSettings,
  options: Partial<ServerOptions>,
  measure: (server: ServerChild) => Promise<T>,
): Promise<T> {
  const program = fileURLToPath(new URL('./server-process.js', import.meta.url));
  const child = fork(program, [JSON.stringify(engineOptions(settings)), JSON.stringify(options)]);
  const readMemoryMb = async () => {
    const answer = nextReport(child, 'memory');
    tell(child, 'memory');
    return (await answer).residentBytes / 1e6;
  };
  const openCodecs = async () => {
    const answer = nextReport(child, 'codecs');
    tell(child, 'codecs');
    await answer;
  };
  try {
    const { url } = await nextReport(child, 'listening');
    return await measure({ url, readMemoryMb, openCodecs });
  } finally {
    await stop(child);
  }
}

function nextReport<T extends ServerReport['type']>(
  child: ChildProcess,
  type: T,
): Promise<Extract<ServerReport, { type: T }>> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => {
      reject(new Error(`The server's process ended with code ${String(code)}.`));
    };
    child.once('exit', onExit);
    child.once('message', (message: ServerReport) => {
      child.off('exit', onExit);
      if (message.type === type) {
        resolve(message as Extract<ServerReport, { type: T }>);
      } else {
        reject(new Error(`The server's process reported ${message.type} instead of ${type}.`));
      }
    });
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.connected) {
    const exit = once(child, 'exit');
    tell(child, 'stop');
    await exit;
  }
}

function tell(child: ChildProcess, command: ServerCommand): void {
  child.send(command);
}
