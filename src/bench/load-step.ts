import { SpeechError } from '../../base/errors.js';
import { createRandom } from './random.js';
import { readGauges } from './server-gauges.js';
import { percentile } from './statistics.js';
import { pauseUntil, saySentence, Tally, type ClientsOptions } from './tally.js';

/** Some times in ms. */
export type Percentiles = { p50Ms: number; p95Ms: number; p99Ms: number };

/** What so many clients at once heard, and what that cost. */
export type StepFigures = {
  streams: number;
  /** Utterances that were heard to their end. */
  utterances: number;
  /** From the first text to the first audio; null if nothing was heard. */
  firstAudio: Percentiles | null;
  /** From the third word to the first audio; null where words do not come one by one. */
  afterThirdWord: Percentiles | null;
  /** Time between two pieces of audio of an utterance that 95 % do not exceed. */
  gapP95Ms: number | null;
  /** From the first text to the last audio, over the duration of the audio. */
  realTimeFactor: number | null;
  underruns: number;
  underrunSeconds: number;
  /** Utterances that the server refused for now. */
  refusals: number;
  /** Utterances that failed otherwise, by code. */
  failures: Record<string, number>;
  /** Processor cores that the server used on average. */
  cpuCores: number;
  /** The server's resident memory at the end in MB (10^6 bytes). */
  memoryMb: number;
};

/** How clients behave. */
export type StepOptions = ClientsOptions & {
  streams: number;
  /** After so long no new utterance begins. */
  seconds: number;
};

/** What a client waits between hearing the end of an utterance and its next, in ms. */
const PAUSE_MS = [250, 1_250] as const;

/**
 * Has some clients speak at once for a while, each one utterance after the other.
 *
 * @param options - How many, how long, and so on.
 * @returns What they heard.
 * @throws {SpeechError} `BENCH_FAILED` if the server does not tell how it is; `CANCELLED`.
 */
export async function runStep(options: StepOptions): Promise<StepFigures> {
  const { target, streams, seconds, signal } = options;
  const before = await readGauges(target);
  const startMs = performance.now();
  const tally = new Tally();
  const endMs = startMs + seconds * 1000;
  await Promise.all(
    Array.from({ length: streams }, (_, stream) => runStream(options, stream, endMs, tally)),
  );
  if (signal.aborted) {
    throw new SpeechError('CANCELLED', 'The measurement was interrupted.');
  }
  const after = await readGauges(target);
  const wallSeconds = (performance.now() - startMs) / 1000;
  const cpuCores = (after.cpuSeconds - before.cpuSeconds) / wallSeconds;
  return { streams, ...summarise(tally), cpuCores, memoryMb: after.memoryMb };
}

async function runStream(
  { createClient, wordsPerSecond, seed, signal }: StepOptions,
  stream: number,
  endMs: number,
  tally: Tally,
): Promise<void> {
  const random = createRandom(seed, stream);
  const client = createClient();
  const leave = () => {
    client.leave();
  };
  signal.addEventListener('abort', leave);
  // people do not begin at the same instant
  await pauseUntil(endMs, random(0, PAUSE_MS[1]), signal);
  while (performance.now() < endMs && !signal.aborted) {
    const unheardMs = await saySentence(client, random, wordsPerSecond, tally);
    await pauseUntil(endMs, unheardMs + random(...PAUSE_MS), signal);
  }
  signal.removeEventListener('abort', leave);
  client.leave();
}

function summarise(tally: Tally) {
  const { heard, numRefusals, failures } = tally;
  const gapsMs = heard.flatMap((listener) => listener.gapsMs);
  const audioSeconds = tally.sum((listener) => listener.audioSeconds);
  return {
    utterances: heard.length,
    firstAudio: toPercentiles(heard.map((listener) => listener.firstAudioMs)),
    afterThirdWord: toPercentiles(heard.map((listener) => listener.afterThirdWordMs)),
    gapP95Ms: gapsMs.length === 0 ? null : percentile(gapsMs, 0.95),
    realTimeFactor:
      audioSeconds === 0 ? null : tally.sum((listener) => listener.workSeconds) / audioSeconds,
    underruns: tally.sum((listener) => listener.numUnderruns),
    underrunSeconds: tally.sum((listener) => listener.underrunSeconds),
    refusals: numRefusals,
    failures,
  };
}

function toPercentiles(times: readonly (number | undefined)[]): Percentiles | null {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0
    ? null
    : {
        p50Ms: percentile(known, 0.5),
        p95Ms: percentile(known, 0.95),
        p99Ms: percentile(known, 0.99),
      };
}
