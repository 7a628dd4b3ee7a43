import { once } from 'node:events';
import { request, type ClientRequest } from 'node:http';
import type { ServerOptions } from '../src/server/options.js';
import { firstByteMs } from './client.js';
import { withServer, type ServerChild } from './server-child.js';
import type { BenchSettings } from './settings.js';
import { percentile } from '../src/bench/statistics.js';
import { TEN_WORDS } from './texts.js';

/** Times from a request to its first byte of PCM, in ms. */
export type FirstBytes = { p50Ms: number; p95Ms: number };

/** What many clients at once see. */
export type ClientsFigures = {
  /** Clients that read everything and ask again at once; without the first request of each. */
  clients: number;
  closedLoop: FirstBytes;
  /** The first requests: all sent at the same instant. */
  together: FirstBytes;
  /** Clients that asked for minutes of speech and never read, and what another one then sees. */
  pausedReaders: number;
  besidePaused: FirstBytes;
  /** What these clients' responses add to the server's resident memory, in MB each. */
  pausedMb: number;
};

const CLIENTS = 16;
const REQUESTS_PER_CLIENT = 6;
const PAUSED_READERS = 32;
const REQUESTS_BESIDE_PAUSED = 20;
const SHORT_TEXT = 'Hi there.';
/** Four minutes of speech: more than the system buffers for a client that does not read. */
const LONG_TEXT = TEN_WORDS.repeat(Math.floor(4_000 / TEN_WORDS.length));

/**
 * Starts a real server and sends it requests from many clients at once.
 *
 * @param settings - Device and models.
 * @param options - What differs from the server's defaults.
 * @throws {Error} If the server does not start or does not answer with audio.
 */
export async function measureClients(
  settings: BenchSettings,
  options: Partial<ServerOptions> = {},
): Promise<ClientsFigures> {
  return withServer(settings, options, async (server) => {
    await firstByteMs(server.url, { input: TEN_WORDS });
    const rounds = await Promise.all(
      Array.from({ length: CLIENTS }, () => askAgain(server.url, TEN_WORDS, REQUESTS_PER_CLIENT)),
    );
    return {
      clients: CLIENTS,
      together: summary(rounds.map(([first]) => first!)),
      closedLoop: summary(rounds.flatMap(([, ...later]) => later)),
      pausedReaders: PAUSED_READERS,
      ...(await measureBesidePaused(server)),
    };
  });
}

async function measureBesidePaused(
  server: ServerChild,
): Promise<{ besidePaused: FirstBytes; pausedMb: number }> {
  const before = await server.readMemoryMb();
  const readers = await Promise.all(
    Array.from({ length: PAUSED_READERS }, () => neverRead(server.url)),
  );
  try {
    const firsts = await askAgain(server.url, SHORT_TEXT, REQUESTS_BESIDE_PAUSED, true);
    const after = await server.readMemoryMb();
    return { besidePaused: summary(firsts), pausedMb: (after - before) / PAUSED_READERS };
  } finally {
    for (const reader of readers) {
      reader.destroy();
    }
  }
}

async function askAgain(
  url: string,
  input: string,
  times: number,
  leaves = false,
): Promise<number[]> {
  const firsts: number[] = [];
  for (let index = 0; index < times; index++) {
    firsts.push(await firstByteMs(url, { input }, leaves));
  }
  return firsts;
}

/** Asks for a long text and reads no more than the head of the answer. */
async function neverRead(url: string): Promise<ClientRequest> {
  const reader = request(`${url}/v1/audio/speech`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });
  reader.on('error', () => undefined);
  reader.end(
    JSON.stringify({ model: 'tts-1', voice: 'alloy', input: LONG_TEXT, response_format: 'pcm' }),
  );
  await once(reader, 'response');
  return reader;
}

function summary(firsts: readonly number[]): FirstBytes {
  return { p50Ms: percentile(firsts, 0.5), p95Ms: percentile(firsts, 0.95) };
}
