import { Counter, Gauge, Histogram } from 'prom-client';
import { SpeechError } from '../../../base/errors.js';
import type { ServerContext } from '../context.js';
import { FIRST_AUDIO_BUCKETS } from '../metrics.js';
import { Places } from './places.js';

/** What all live speech of a server shares. */
export type LiveServer = ServerContext & {
  /** WebSockets that are open. */
  sockets: Places;
  /** Live speeches that are open, over all WebSockets. */
  contexts: Places;
  liveMetrics: LiveMetrics;
};

/** What is counted of live speech, in Prometheus' terms. */
export type LiveMetrics = {
  /** Seconds from the first text with a letter or digit to the first byte of audio. */
  firstAudioSeconds: Histogram;
  /** Live speeches that ended, by how: done, cancelled or failed. */
  contexts: Counter<'outcome'>;
};

/**
 * Adds to a server what its live layer needs; its metrics go into the server's registry.
 *
 * @param context - The server.
 * @returns The server with it.
 */
export function createLiveServer(context: ServerContext): LiveServer {
  const { maxSockets, maxContexts } = context.options;
  const sockets = new Places(
    maxSockets,
    (max) =>
      new SpeechError(
        'SOCKETS_FULL',
        `${max} WebSockets are open, the most there may be; try again later.`,
        { maxSockets: max },
      ),
  );
  const contexts = new Places(
    maxContexts,
    (max) =>
      new SpeechError(
        'CONTEXTS_FULL',
        `${max} live speeches are open, the most there may be; try again later.`,
        { maxContexts: max },
      ),
  );
  const registers = [context.metrics.registry];
  new Gauge({
    name: 'linnet_live_sockets',
    help: 'WebSockets that are open.',
    registers,
    collect() {
      this.set(sockets.numTaken);
    },
  });
  new Gauge({
    name: 'linnet_live_contexts',
    help: 'Live speeches that are open.',
    registers,
    collect() {
      this.set(contexts.numTaken);
    },
  });
  const liveMetrics = {
    firstAudioSeconds: new Histogram({
      name: 'linnet_live_first_audio_seconds',
      help: 'Time from the first text with a letter or digit of a live speech to its first byte of audio.',
      buckets: FIRST_AUDIO_BUCKETS,
      registers,
    }),
    contexts: new Counter({
      name: 'linnet_live_contexts_total',
      help: 'Live speeches that ended, by how: done, cancelled or failed.',
      labelNames: ['outcome'],
      registers,
    }),
  };
  return { ...context, sockets, contexts, liveMetrics };
}
