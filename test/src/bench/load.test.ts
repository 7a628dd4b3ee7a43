import type { BenchClient } from '../../../src/bench/client.js';
import { listenForCrosstalk } from '../../../src/bench/crosstalk.js';
import { HttpClient } from '../../../src/bench/http-client.js';
import { LiveClient } from '../../../src/bench/live-client.js';
import { Listener } from '../../../src/bench/listener.js';
import { runStep } from '../../../src/bench/load-step.js';
import { soak } from '../../../src/bench/soak.js';
import type { SpeakOptions, SpeechChunk, SpeechContext } from '../../../tts/types.js';
import { ToneEngine } from '../../helpers/fake-engine.js';
import { startRealServer, startTestServer, type TestServer } from '../../helpers/server.js';

const signal = new AbortController().signal;
const seed = 1;

describe('the clients of a benchmark and the real models', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startRealServer();
  }, 60_000);
  afterAll(() => server.close());
  const live = () => new LiveClient(server);
  const http = () => new HttpClient(server);

  it.each([
    ['live', live],
    ['http', http],
  ])(
    'hear utterances to their end, one after the other (%s)',
    async (_, createClient) => {
      const options = { target: server, createClient, seed, signal };
      const step = await runStep({ ...options, streams: 2, seconds: 4 });
      expect(step).toMatchObject({ streams: 2, refusals: 0, failures: {}, afterThirdWord: null });
      expect(step.utterances).toBeGreaterThanOrEqual(2);
      expect(step.firstAudio!.p50Ms).toBeGreaterThan(0);
      expect(step.firstAudio!.p99Ms).toBeGreaterThanOrEqual(step.firstAudio!.p50Ms);
      expect(step.realTimeFactor).toBeGreaterThan(0);
      expect(step.cpuCores).toBeGreaterThan(0);
      expect(step.memoryMb).toBeGreaterThan(50);
    },
    60_000,
  );

  it('hear the same over both protocols, and all of it', async () => {
    const utterance = { text: 'Good evening, everyone.', seed: 5, voice: 'george' };
    const heard: Listener[] = [];
    for (const client of [live(), http()]) {
      const listener = new Listener();
      await client.speak(utterance, listener);
      await client.speak({ ...utterance, text: 'Hi.' }, new Listener());
      client.leave();
      heard.push(listener);
    }
    expect(heard[0]!.audioSeconds).toBeGreaterThan(0.8);
    expect(heard[0]!.audioSeconds).toBe(heard[1]!.audioSeconds);
  }, 60_000);

  it('give their words one by one', async () => {
    const listener = new Listener();
    const client = live();
    let numPushed = 0;
    const pushed = listener.pushed.bind(listener);
    listener.pushed = () => {
      numPushed++;
      pushed();
    };
    await client.speak({ text: 'One two three four five six.', wordsPerSecond: 4 }, listener);
    client.leave();
    expect(numPushed).toBe(6);
    expect(listener.firstAudioMs! - listener.afterThirdWordMs!).toBeGreaterThan(250);
  }, 60_000);

  it('hear only their own speech', async () => {
    expect(await listenForCrosstalk({ createClient: live, rounds: 10, seed, signal })).toEqual({
      rounds: 10,
      mismatches: 0,
    });
  }, 120_000);

  it('may leave in the middle, and come back', async () => {
    const client = live();
    const listener = new Listener();
    const audio = listener.audio.bind(listener);
    listener.audio = (bytes) => {
      audio(bytes);
      client.leave();
    };
    const text = 'This is a sentence of which nobody will ever hear the end.';
    await expect(client.speak({ text }, listener)).rejects.toMatchObject({ code: 'CANCELLED' });
    const again = new Listener();
    await client.speak({ text: 'Good evening.' }, again);
    expect(again.audioSeconds).toBeGreaterThan(0.4);
    client.leave();
  }, 60_000);

  it('come and leave, after which the server has all places back', async () => {
    const options = { target: server, createClient: live, seed: 3, signal };
    const figures = await soak({ ...options, clients: 4, minutes: 0.15 });
    expect(figures).toMatchObject({ clients: 4, failures: {}, refusals: 0, keptPlaces: 0 });
    expect(figures.utterances).toBeGreaterThan(0);
    expect(figures.left).toBeGreaterThan(0);
    expect(figures.startMb).toBeGreaterThan(50);
    expect(figures.maxMb).toBeGreaterThanOrEqual(figures.endMb);
  }, 60_000);
});

/** Speaks louder while others speak. */
class LeakingEngine extends ToneEngine {
  override open(options?: SpeakOptions): SpeechContext {
    const speech = super.open(options);
    const chunks = speech[Symbol.asyncIterator].bind(speech);
    const leak = async function* (
      numActive: () => number,
    ): AsyncGenerator<SpeechChunk, undefined, undefined> {
      for await (const chunk of { [Symbol.asyncIterator]: chunks }) {
        yield { ...chunk, samples: chunk.samples.map((sample) => sample * 0.4 * numActive()) };
      }
      return undefined;
    };
    return Object.assign(speech, { [Symbol.asyncIterator]: () => leak(() => this.numActive) });
  }
}

describe('the clients of a benchmark', () => {
  let server: TestServer;
  afterEach(() => server.close());
  const options = (createClient: () => BenchClient) => ({
    target: server,
    createClient,
    seed,
    signal,
  });

  it.each(['live', 'http'])('count what the server refuses for now (%s)', async (protocol) => {
    server = await startTestServer(new ToneEngine(50), {
      maxContexts: 1,
      maxRunning: 1,
      maxWaiting: 0,
    });
    const createClient = () =>
      protocol === 'live' ? new LiveClient(server) : new HttpClient(server);
    const step = await runStep({ ...options(createClient), streams: 3, seconds: 4 });
    expect(step.refusals).toBeGreaterThan(0);
    expect(step.utterances).toBeGreaterThan(0);
    expect(step.failures).toEqual({});
  });

  it('count what fails, by code', async () => {
    server = await startTestServer(new ToneEngine(), { maxInput: 20 });
    const createClient = () => new LiveClient(server);
    const step = await runStep({ ...options(createClient), streams: 1, seconds: 2 });
    expect(step).toMatchObject({ utterances: 0, firstAudio: null, realTimeFactor: null });
    expect(step.failures).toEqual({ TEXT_TOO_LONG: expect.any(Number) as number });
  });

  it('notice speech that sounds otherwise beside another', async () => {
    server = await startTestServer(new LeakingEngine(2));
    const createClient = () => new LiveClient(server);
    const figures = await listenForCrosstalk({ ...options(createClient), rounds: 2 });
    expect(figures.mismatches).toBeGreaterThan(0);
  });

  it('send their key, and say what is wrong with it', async () => {
    server = await startTestServer(new ToneEngine(), { apiKey: 'secret' });
    for (const Client of [LiveClient, HttpClient]) {
      const good = new Client({ url: server.url, apiKey: 'secret' });
      const listener = new Listener();
      await good.speak({ text: 'ab' }, listener);
      good.leave();
      expect(listener.audioSeconds).toBeCloseTo(0.4);
      await expect(
        new Client({ url: server.url, apiKey: 'no' }).speak({ text: 'ab' }, listener),
      ).rejects.toMatchObject({ code: 'API_KEY_INVALID' });
    }
  });

  it('stop when their server vanishes in a soak', async () => {
    server = await startTestServer(new ToneEngine(50), { drainTimeoutMs: 0 });
    let numClients = 0;
    const createClient = () => {
      numClients++;
      return new LiveClient(server);
    };
    const soaking = soak({ ...options(createClient), clients: 2, minutes: 2 });
    setTimeout(() => void server.close(), 500);
    await expect(soaking).rejects.toMatchObject({ code: 'BENCH_FAILED' });
    const numBefore = numClients;
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(numClients).toBe(numBefore);
  }, 30_000);

  it('stop when they are interrupted', async () => {
    server = await startTestServer(new ToneEngine(50));
    const interrupted = new AbortController();
    const createClient = () => new LiveClient(server);
    const all = { ...options(createClient), signal: interrupted.signal };
    const running = [
      runStep({ ...all, streams: 2, seconds: 600 }),
      soak({ ...all, clients: 2, minutes: 10 }),
    ];
    setTimeout(() => {
      interrupted.abort();
    }, 1_500);
    for (const result of await Promise.allSettled(running)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'CANCELLED' } });
    }
  });
});
