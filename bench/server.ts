import { firstByteMs } from './client.js';
import { withServer } from './server-child.js';
import type { BenchSettings } from './settings.js';
import { median } from '../src/bench/statistics.js';
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
  return withServer(settings, {}, async ({ url, readMemoryMb }) => {
    const startMb = await readMemoryMb();
    let halfMb = startMb;
    const firsts: number[] = [];
    const mp3Firsts: number[] = [];
    for (let index = 0; index < requests; index++) {
      firsts.push(await firstByteMs(url, { input: TEN_WORDS }));
      mp3Firsts.push(await firstByteMs(url, { input: TEN_WORDS, response_format: 'mp3' }));
      if (index + 1 === Math.ceil(requests / 2)) {
        halfMb = await readMemoryMb();
      }
    }
    return {
      firstByteMs: median(firsts),
      firstMp3ByteMs: median(mp3Firsts),
      slowestFirstByteMs: Math.max(...firsts),
      startMb,
      halfMb,
      endMb: await readMemoryMb(),
      requests,
    };
  });
}
