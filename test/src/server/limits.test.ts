import { ToneEngine } from '../../helpers/fake-engine.js';
import { openLive } from '../../helpers/live-client.js';
import { waitUntil } from '../../helpers/processes.js';
import { startTestServer, type TestServer } from '../../helpers/server.js';

const SPEECH = { model: 'tts-1', voice: 'low', response_format: 'pcm' };
const API_KEYS = [
  { name: 'alice', key: 'a' },
  { name: 'bob', key: 'b' },
];

describe('the limits of a caller', () => {
  let engine: ToneEngine;
  let server: TestServer;
  const ask = (key: string, input: string, init: RequestInit = {}) =>
    server.post(
      { ...SPEECH, input },
      { headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${key}` }, ...init },
    );
  const metrics = async () => {
    const headers = { Authorization: 'Bearer b' };
    return (await fetch(`${server.url}/metrics`, { headers })).text();
  };
  beforeEach(() => {
    engine = new ToneEngine();
  });
  afterEach(async () => {
    await server.close();
  });

  it('are so many speeches at once, and leave the others alone', async () => {
    server = await startTestServer(engine, { apiKeys: API_KEYS, maxPerKey: 1 });
    const leaving = new AbortController();
    const stuck = ask('a', '~', { signal: leaving.signal });
    await waitUntil(() => engine.numActive === 1);
    const refused = await ask('a', 'x');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({
      error: { code: 'RATE_LIMITED', type: 'rate_limit_error' },
    });
    expect((await ask('b', 'x')).status).toBe(200);
    leaving.abort();
    await expect(stuck).rejects.toThrow();
    await waitUntil(() => engine.numActive === 0);
    // also after a failure
    await expect((await ask('a', '!')).arrayBuffer()).resolves.toBeDefined();
    expect((await ask('a', 'x')).status).toBe(200);
    const text = await metrics();
    expect(text).toMatch(/^linnet_refusals_total\{reason="RATE_LIMITED"\} 1$/m);
    expect(text).toMatch(/^linnet_speech_seconds_total\{caller="alice"\} 0\.2$/m);
    expect(text).toMatch(/^linnet_speech_seconds_total\{caller="bob"\} 0\.2$/m);
  });

  it('are so many speeches a minute', async () => {
    server = await startTestServer(engine, { apiKeys: API_KEYS, ratePerMinute: 2 });
    const statuses: number[] = [];
    for (const key of ['a', 'a', 'a', 'b']) {
      const response = await ask(key, 'x');
      statuses.push(response.status);
      if (response.status === 429) {
        const seconds = Number(response.headers.get('retry-after'));
        expect(seconds).toBeGreaterThan(2);
        expect(seconds).toBeLessThanOrEqual(60);
      }
      await response.arrayBuffer();
    }
    expect(statuses).toEqual([200, 200, 429, 200]);
  });

  it('hold for live speech too', async () => {
    server = await startTestServer(engine, { maxPerKey: 1 });
    const client = await openLive(server.url, '/v1/audio/speech/live');
    client.send({ type: 'push', context_id: 'one', text: 'ab ' });
    client.send({ type: 'push', context_id: 'two', text: 'ab ' });
    expect(await client.wait('error')).toMatchObject({ code: 'RATE_LIMITED', context_id: 'two' });
    expect((await ask('', 'x')).status).toBe(429);
    client.send({ type: 'finish', context_id: 'one' });
    await client.wait('done');
    expect((await ask('', 'x')).status).toBe(200);
    client.socket.close();
  });

  it('let nobody wait for ever', async () => {
    server = await startTestServer(engine, { maxRunning: 1, queueTimeoutMs: 50 });
    const leaving = new AbortController();
    const stuck = ask('', '~', { signal: leaving.signal });
    await waitUntil(() => engine.numActive === 1);
    const late = await ask('', 'x');
    expect(late.status).toBe(503);
    expect(late.headers.has('retry-after')).toBe(true);
    expect(await late.json()).toMatchObject({ error: { code: 'QUEUE_TIMEOUT' } });
    leaving.abort();
    await expect(stuck).rejects.toThrow();
    expect((await ask('', 'x')).status).toBe(200);
    expect(await (await fetch(`${server.url}/metrics`)).text()).toMatch(
      /^linnet_refusals_total\{reason="QUEUE_TIMEOUT"\} 1$/m,
    );
  });

  it('give callers that wait their turn in turn', async () => {
    server = await startTestServer(engine, { apiKeys: API_KEYS, maxRunning: 1 });
    const leaving = new AbortController();
    const stuck = ask('a', '~', { signal: leaving.signal });
    await waitUntil(() => engine.numActive === 1);
    const answers: Promise<unknown>[] = [];
    const enqueue = async (key: string, input: string) => {
      const numBefore = answers.length;
      answers.push(ask(key, input).then((response) => response.arrayBuffer()));
      for (let waiting = -1; waiting !== numBefore + 1;) {
        const health = await fetch(`${server.url}/healthz`);
        ({ waiting } = (await health.json()) as { waiting: number });
      }
    };
    for (const input of ['1', '2', '3']) {
      await enqueue('a', input);
    }
    await enqueue('b', '4');
    leaving.abort();
    await expect(stuck).rejects.toThrow();
    await Promise.all(answers);
    expect(engine.calls.map(({ text }) => text)).toEqual(['~', '1', '4', '2', '3']);
  });
});
