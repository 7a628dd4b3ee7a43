import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ErrorCode } from '../../base/errors.js';
import { STAGES } from '../../tts/pipeline/stage-clock.js';
import type { SpeechEngine } from '../../tts/types.js';
import type { Admission } from './admission.js';

/** Upper bounds in seconds, of the times to the first byte of audio. */
export const FIRST_AUDIO_BUCKETS = [0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30];

/** What the server counts, in Prometheus' terms. */
export type Metrics = {
  registry: Registry;
  /** Finished requests by route pattern, method and status. */
  requests: Counter<'route' | 'method' | 'status'>;
  /** Failures by catalogue code. */
  failures: Counter<'code'>;
  /** Seconds from a speech request to its first byte of audio, waiting included. */
  firstAudioSeconds: Histogram;
  /** Seconds of work per second of speech. */
  realTimeFactor: Histogram;
  /** Seconds of speech made. */
  speechSeconds: Counter<'caller'>;
  /** Seconds between two pieces of a stream's audio, while audio was due. */
  chunkGapSeconds: Histogram;
  /** Seconds for which listeners had nothing left to play, while audio was due. */
  underrunSeconds: Counter;
  /** Streams that ended, by whether a listener would have heard a break: `unbroken` or `broken`. */
  streams: Counter<'continuity'>;
  /** Seconds of audio encoded or decoded for requests. */
  codecSeconds: Counter<'direction' | 'caller'>;
  /** Requests that were refused before they began to speak, by the failure's code. */
  refusals: Counter<'reason'>;
};

/**
 * Makes a set of metrics of its own, so that two servers in one process do not mix.
 *
 * @param admission - Where running, waiting and paused requests are counted.
 * @param engine - What counts its stages.
 * @param codecs - Where requests that encode or decode are counted.
 * @returns The metrics.
 */
export function createMetrics(
  admission: Admission,
  engine: SpeechEngine,
  codecs: Admission,
): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'linnet_speech_running',
    help: 'Speech requests at work.',
    registers,
    collect() {
      this.set(admission.running);
    },
  });
  new Gauge({
    name: 'linnet_speech_running_limit',
    help: 'Speech requests that may be at work.',
    registers,
  }).set(admission.limits.maxRunning);
  new Gauge({
    name: 'linnet_speech_waiting_limit',
    help: 'Speech requests that may wait for their turn.',
    registers,
  }).set(admission.limits.maxWaiting);
  new Gauge({
    name: 'linnet_speech_waiting',
    help: 'Speech requests waiting for their turn.',
    registers,
    collect() {
      this.set(admission.waiting);
    },
  });
  new Gauge({
    name: 'linnet_speech_paused',
    help: 'Speech responses without a turn, as their clients do not read or others go first.',
    registers,
    collect() {
      this.set(admission.paused);
    },
  });
  new Gauge({
    name: 'linnet_codec_running',
    help: 'Requests that encode or decode.',
    registers,
    collect() {
      this.set(codecs.running);
    },
  });
  new Gauge({
    name: 'linnet_codec_waiting',
    help: 'Requests that wait to encode or decode.',
    registers,
    collect() {
      this.set(codecs.waiting);
    },
  });
  addStages(engine, registers);
  return {
    registry,
    requests: new Counter({
      name: 'linnet_http_requests_total',
      help: 'Finished HTTP requests.',
      labelNames: ['route', 'method', 'status'],
      registers,
    }),
    failures: new Counter({
      name: 'linnet_failures_total',
      help: 'Failures by code, see docs/errors.md.',
      labelNames: ['code'],
      registers,
    }),
    firstAudioSeconds: new Histogram({
      name: 'linnet_first_audio_seconds',
      help: 'Time from a speech request to its first byte of audio.',
      buckets: FIRST_AUDIO_BUCKETS,
      registers,
    }),
    realTimeFactor: new Histogram({
      name: 'linnet_real_time_factor',
      help: 'Seconds of work per second of speech, for whole requests.',
      buckets: [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 2],
      registers,
    }),
    speechSeconds: new Counter({
      name: 'linnet_speech_seconds_total',
      help: 'Seconds of speech made.',
      labelNames: ['caller'],
      registers,
    }),
    chunkGapSeconds: new Histogram({
      name: 'linnet_chunk_gap_seconds',
      help: 'Time between two pieces of audio of a stream, while audio was due.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
      registers,
    }),
    underrunSeconds: new Counter({
      name: 'linnet_underrun_seconds_total',
      help: 'Time for which listeners that play as audio comes had none left, while it was due.',
      registers,
    }),
    streams: new Counter({
      name: 'linnet_streams_total',
      help: 'Streams that ended, by whether such a listener heard a break.',
      labelNames: ['continuity'],
      registers,
    }),
    codecSeconds: new Counter({
      name: 'linnet_codec_seconds_total',
      help: 'Seconds of audio encoded or decoded for requests.',
      labelNames: ['direction', 'caller'],
      registers,
    }),
    refusals: new Counter({
      name: 'linnet_refusals_total',
      help: 'Requests that were refused before they began to speak, by code, see docs/errors.md.',
      labelNames: ['reason'],
      registers,
    }),
  };
}

const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'API_KEY_INVALID',
  'ORIGIN_REFUSED',
  'RATE_LIMITED',
  'QUEUE_FULL',
  'QUEUE_TIMEOUT',
  'STREAMS_FULL',
  'SOCKETS_FULL',
  'CONTEXTS_FULL',
  'SHUTTING_DOWN',
]);

/**
 * Counts a failure, and if it was a refusal, that too.
 *
 * @param metrics - Where.
 * @param code - The failure's.
 */
export function countFailure({ failures, refusals }: Metrics, code: ErrorCode): void {
  failures.inc({ code });
  if (REFUSALS.has(code)) {
    refusals.inc({ reason: code });
  }
}

/** A batch is streams over runs, a stage's share of the time its seconds over those that passed. */
function addStages(engine: SpeechEngine, registers: Registry[]): void {
  const counters = [
    ['runs', 'Runs of a stage of the engine.'],
    ['streams', 'Streams in the runs of a stage of the engine.'],
    ['seconds', 'Seconds that a stage of the engine took.'],
  ] as const;
  for (const [quantity, help] of counters) {
    new Counter({
      name: `linnet_engine_${quantity}_total`,
      help,
      labelNames: ['stage'],
      registers,
      collect() {
        this.reset();
        for (const stage of STAGES) {
          this.inc({ stage }, engine.stages?.[stage][quantity] ?? 0);
        }
      },
    });
  }
}
