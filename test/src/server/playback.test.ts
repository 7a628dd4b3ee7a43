import { setTimeout as sleep } from 'node:timers/promises';
import { Admission } from '../../../src/server/admission.js';
import { createMetrics, type Metrics } from '../../../src/server/metrics.js';
import { resolveServerOptions } from '../../../src/server/options.js';
import { Playback } from '../../../src/server/playback.js';
import { ToneEngine } from '../../helpers/fake-engine.js';
import { startTestServer } from '../../helpers/server.js';

const TEN_MS = 240;

describe('Playback', () => {
  let metrics: Metrics;
  beforeEach(() => {
    const admission = new Admission(resolveServerOptions({}, {}));
    metrics = createMetrics(admission, new ToneEngine(), admission);
  });
  const valueOf = async (name: string, labels: Record<string, string> = {}) => {
    const metric = metrics.registry.getSingleMetric(name)!;
    const { values } = await metric.get();
    const isAsked = (value: { labels: object }) =>
      JSON.stringify(value.labels) === JSON.stringify(labels);
    return values.find(isAsked)?.value;
  };
  const streams = async () => [
    await valueOf('linnet_streams_total', { continuity: 'unbroken' }),
    await valueOf('linnet_streams_total', { continuity: 'broken' }),
  ];

  it('counts the silence of a listener that ran dry', async () => {
    const startMs = performance.now();
    const playback = new Playback(metrics, { isOwed: true });
    playback.add(TEN_MS);
    await sleep(60);
    playback.add(TEN_MS);
    playback.end();
    playback.end();
    expect(await streams()).toEqual([undefined, 1]);
    const seconds = await valueOf('linnet_underrun_seconds_total');
    expect(seconds).toBeGreaterThan(0.04);
    // it waited where it ran dry
    expect(playback.heardMs).toBeGreaterThan(startMs + 65);
  });

  it('counts no silence while there is something to play', async () => {
    const playback = new Playback(metrics, { isOwed: true });
    playback.add(1_000 * TEN_MS);
    await sleep(20);
    playback.add(TEN_MS);
    playback.end();
    expect(await streams()).toEqual([1, undefined]);
    expect(await valueOf('linnet_underrun_seconds_total')).toBe(0);
  });

  it('counts no silence that is the fault of the client', async () => {
    const playback = new Playback(metrics, { isOwed: true });
    playback.add(TEN_MS);
    playback.excuse();
    await sleep(60);
    playback.owe();
    playback.add(1_000 * TEN_MS);
    playback.end();
    expect(await valueOf('linnet_underrun_seconds_total')).toBeLessThan(0.02);
  });

  it('counts nothing as late before it is due, and no stream without audio', async () => {
    const playback = new Playback(metrics, { isOwed: false });
    playback.end();
    playback.add(TEN_MS);
    await sleep(40);
    playback.add(TEN_MS);
    playback.end();
    expect(await streams()).toEqual([1, undefined]);
    new Playback(metrics, { isOwed: true }).end();
    expect(await streams()).toEqual([1, undefined]);
  });
});

describe('a stream over HTTP', () => {
  it('is counted by whether its listener would have heard a break', async () => {
    // each chunk holds 200 ms
    const engine = new ToneEngine(400);
    const server = await startTestServer(engine, { maxRunning: 7, maxWaiting: 9 });
    const speak = async (input: string, more: object = {}) => {
      const body = { model: 'tts-1', voice: 'low', response_format: 'pcm', input, ...more };
      await (await server.post(body)).arrayBuffer();
    };
    try {
      await speak('ab', { stream: false });
      await speak('a');
      await speak('ab');
      const metrics = await (await fetch(`${server.url}/metrics`)).text();
      expect(metrics).toMatch(/^linnet_streams_total\{continuity="unbroken"\} 1$/m);
      expect(metrics).toMatch(/^linnet_streams_total\{continuity="broken"\} 1$/m);
      expect(metrics).toMatch(/^linnet_underrun_seconds_total 0\.[1-9]/m);
      expect(metrics).toMatch(/^linnet_chunk_gap_seconds_count 2$/m);
      expect(metrics).toMatch(/^linnet_speech_running_limit 7$/m);
      expect(metrics).toMatch(/^linnet_speech_waiting_limit 9$/m);
    } finally {
      await server.close();
    }
  });
});
