import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { SpeechError } from '../../base/errors.js';
import type { Target } from './client.js';
import { createRandom } from './random.js';
import { readGauges } from './server-gauges.js';
import { median } from './statistics.js';
import { pause, pauseUntil, saySentence, Tally, type ClientsOptions } from './tally.js';

/** What a server was like after many clients came and went. */
export type SoakFigures = {
  minutes: number;
  /** Clients that were there at the same time. */
  clients: number;
  /** Utterances that were heard to their end, and that their client left in the middle. */
  utterances: number;
  left: number;
  refusals: number;
  /** Utterances that failed otherwise, by code. */
  failures: Record<string, number>;
  underruns: number;
  /** The server's resident memory in MB (10^6 bytes): after the warm-up, at the end, and at most. */
  startMb: number;
  endMb: number;
  maxMb: number;
  /** Sockets, live speeches and requests that were still open when all clients had left. */
  keptPlaces: number;
};

/** How long, and how many. */
export type SoakOptions = ClientsOptions & {
  /** Clients that are there at the same time, each of which is followed by another. */
  clients: number;
  minutes: number;
};

/** The first of the time does not count for memory: caches fill. */
const WARM_UP_SHARE = 0.2;
/** Looks at memory, over the whole time; the median of a tenth of those that count is compared. */
const NUM_LOOKS = 100;
const COMPARED_SHARE = 0.1;
/** What a client says before it leaves, at most. */
const MAX_UTTERANCES = 6;
/** How many clients leave in the middle of their last utterance. */
const LEAVING_SHARE = 0.3;
const LEAVING_MS = [0, 2_000] as const;
const PAUSE_MS = [100, 1_500] as const;
/** How long a server may take to notice that clients left, in ms. */
const GIVING_BACK_MS = 10_000;

/**
 * Has clients come, speak and leave for a long time, as they like.
 *
 * @param options - How long, and how many.
 * @returns How the server took it.
 * @throws {SpeechError} `BENCH_FAILED` if the server does not tell how it is; `CANCELLED`.
 */
export async function soak(options: SoakOptions): Promise<SoakFigures> {
  const { target, clients, minutes, signal } = options;
  const endMs = performance.now() + minutes * 60_000;
  const tally = new Tally();
  // whatever fails, nobody speaks on for the rest of the time
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  setMaxListeners(0, either);
  const places = Array.from({ length: clients }, (_, place) =>
    fillPlace({ ...options, signal: either }, place, endMs, tally),
  );
  const watched = watchMemory(target, minutes, endMs, either);
  const [memory] = await Promise.all([watched, ...places]).catch(async (error: unknown) => {
    failed.abort();
    await Promise.allSettled([watched, ...places]);
    throw error;
  });
  if (signal.aborted) {
    throw new SpeechError('CANCELLED', 'The measurement was interrupted.');
  }
  const keptPlaces = await untilGivenBack(target);
  return {
    minutes,
    clients,
    utterances: tally.heard.length,
    left: tally.numLeft,
    refusals: tally.numRefusals,
    failures: tally.failures,
    underruns: tally.sum((listener) => listener.numUnderruns),
    ...memory,
    keptPlaces,
  };
}

/** One client after the other. */
async function fillPlace(
  { createClient, wordsPerSecond, seed, signal }: SoakOptions,
  place: number,
  endMs: number,
  tally: Tally,
): Promise<void> {
  const random = createRandom(seed, place);
  const isOver = () => performance.now() >= endMs || signal.aborted;
  while (!isOver()) {
    const client = createClient();
    const leave = () => {
      client.leave();
    };
    signal.addEventListener('abort', leave);
    await pauseUntil(endMs, random(...PAUSE_MS), signal);
    const leavesEarly = random(0, 1) < LEAVING_SHARE;
    for (let left = Math.ceil(random(0, MAX_UTTERANCES)); left > 0 && !isOver(); left--) {
      const leaving =
        leavesEarly && left === 1 ? setTimeout(leave, random(...LEAVING_MS)) : undefined;
      const unheardMs = await saySentence(client, random, wordsPerSecond, tally);
      clearTimeout(leaving);
      await pauseUntil(endMs, unheardMs + random(...PAUSE_MS), signal);
    }
    signal.removeEventListener('abort', leave);
    leave();
  }
}

async function watchMemory(
  target: Target,
  minutes: number,
  endMs: number,
  signal: AbortSignal,
): Promise<Pick<SoakFigures, 'startMb' | 'endMb' | 'maxMb'>> {
  const everyMs = (minutes * 60_000) / NUM_LOOKS;
  const looks: number[] = [];
  while (looks.length === 0 || (performance.now() < endMs && !signal.aborted)) {
    await pause(everyMs, signal);
    looks.push((await readGauges(target)).memoryMb);
  }
  const counted = looks.slice(Math.min(looks.length - 1, Math.floor(looks.length * WARM_UP_SHARE)));
  const numCompared = Math.ceil(counted.length * COMPARED_SHARE);
  return {
    startMb: median(counted.slice(0, numCompared)),
    endMb: median(counted.slice(-numCompared)),
    maxMb: Math.max(...counted),
  };
}

/** @returns Places that are still taken when the server had time enough to notice. */
async function untilGivenBack(target: Target): Promise<number> {
  const untilMs = performance.now() + GIVING_BACK_MS;
  for (;;) {
    const { openPlaces } = await readGauges(target);
    if (openPlaces === 0 || performance.now() > untilMs) {
      return openPlaces;
    }
    await sleep(100);
  }
}
