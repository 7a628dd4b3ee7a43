import { SpeechError } from '../../base/errors.js';
import type { Target } from './client.js';

/** What a server tells of itself at `/metrics`. */
export type ServerGauges = {
  /** Processor time that its process used so far, in seconds. */
  cpuSeconds: number;
  /** Its resident memory in MB (10^6 bytes). */
  memoryMb: number;
  /** WebSockets, live speeches and requests over HTTP, waiting and paused ones too, that are open. */
  openPlaces: number;
};

const PLACES = [
  'linnet_live_sockets',
  'linnet_live_contexts',
  'linnet_speech_running',
  'linnet_speech_waiting',
  'linnet_speech_paused',
];

/**
 * Asks a server how it is.
 *
 * @param target - The server.
 * @returns Its figures now.
 * @throws {SpeechError} `BENCH_FAILED` if it does not tell.
 */
export async function readGauges({ url, apiKey }: Target): Promise<ServerGauges> {
  const headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  const response = await fetch(new URL('/metrics', url), { headers }).catch((error: unknown) => {
    throw new SpeechError('BENCH_FAILED', `${url} cannot be reached.`, {}, { cause: error });
  });
  const text = await response.text();
  const read = (name: string) => {
    const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1];
    if (!response.ok || value === undefined) {
      throw new SpeechError(
        'BENCH_FAILED',
        `${url}/metrics answered with ${response.status} and without ${name}.`,
      );
    }
    return Number(value);
  };
  return {
    cpuSeconds: read('process_cpu_seconds_total'),
    memoryMb: read('process_resident_memory_bytes') / 1e6,
    openPlaces: PLACES.reduce((sum, name) => sum + read(name), 0),
  };
}
