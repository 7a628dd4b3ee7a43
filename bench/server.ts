import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ServerCommand, ServerReport } from './server-process.js';
import { engineOptions, type BenchSettings } from './settings.js';
import { median } from './statistics.js';
import { TEN_WORDS } from './texts.js';

/** What a client of the server sees. */
export type ServerFigures = {
  /** From the request to the first byte of PCM of a sentence of ten words, in ms: the median. */
  firstByteMs: number;
  /** The same of MP3, the default format. */
  firstMp3ByteMs: number;
  /** The slowest of all requests for PCM. */
  slowestFirstByteMs: number;
  /** Resident memory in MB (10^6 bytes) when the server was ready, and at the end. */
  startMb: number;
  endMb: number;
  /** After half of the requests: what grows is seen between this and the end. */
  halfMb: number;
  /** Requests for each of the two formats. */
  requests: number;
};

/**
 * Starts a real server on a free port and sends it requests, one after the other.
 *
 * @param settings - Device, models, number of requests.
 * @throws {Error} If the server does not start or does not answer with audio.
 */
export async function measureServer(settings: BenchSettings): Promise<ServerFigures> {
  const { requests } = settings;
  const program = fileURLToPath(new URL('./server-process.js', import.meta.url));
  const child = fork(program, [JSON.stringify(engineOptions(settings))]);
  try {
    const { url } = await nextReport(child, 'listening');
    const startMb = await readMemory(child);
    let halfMb = startMb;
    const firsts: number[] = [];
    const mp3Firsts: number[] = [];
    for (let index = 0; index < requests; index++) {
      firsts.push(await request(url, 'pcm'));
      mp3Firsts.push(await request(url, 'mp3'));
      if (index + 1 === Math.ceil(requests / 2)) {
        halfMb = await readMemory(child);
      }
    }
    return {
      firstByteMs: median(firsts),
      firstMp3ByteMs: median(mp3Firsts),
      slowestFirstByteMs: Math.max(...firsts),
      startMb,
      halfMb,
      endMb: await readMemory(child),
      requests,
    };
  } finally {
    await stop(child);
  }
}

async function request(url: string, format: 'pcm' | 'mp3'): Promise<number> {
  const start = performance.now();
  const response = await fetch(`${url}/v1/audio/speech`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'tts-1',
      input: TEN_WORDS,
      voice: 'alloy',
      response_format: format,
    }),
  });
  if (!response.ok || response.body === null) {
    throw new Error(`The server answered ${response.status}: ${await response.text()}`);
  }
  let first: number | undefined;
  for await (const bytes of response.body as AsyncIterable<Uint8Array>) {
    if (bytes.length > 0) {
      first ??= performance.now() - start;
    }
  }
  if (first === undefined) {
    throw new Error('The server sent no audio.');
  }
  return first;
}

async function readMemory(child: ChildProcess): Promise<number> {
  const answer = nextReport(child, 'memory');
  tell(child, 'memory');
  return (await answer).residentBytes / 1e6;
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
