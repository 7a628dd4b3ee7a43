import { getEventListeners, once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Admission } from '../../../src/server/admission.js';
import { createApp } from '../../../src/server/app.js';
import { createContext } from '../../../src/server/context.js';
import { resolveServerOptions } from '../../../src/server/options.js';
import { ToneEngine } from '../../helpers/fake-engine.js';
import { waitUntil } from '../../helpers/processes.js';
import { startTestServer } from '../../helpers/server.js';

const SPEECH = { model: 'tts-1', voice: 'low', response_format: 'pcm' };

describe('what a request leaves behind', () => {
  it('is no listener at the signal that outlives it, however it ends', async () => {
    const options = resolveServerOptions({ logLevel: 'silent' }, {});
    const engine = new ToneEngine();
    const context = await createContext(engine, options);
    const { signal } = new AbortController();
    const server = createServer(createApp(context, signal));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const post = async (input: string, init: RequestInit = {}) => {
      const response = await fetch(`http://127.0.0.1:${port}/v1/audio/speech`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ ...SPEECH, input }),
        ...init,
      });
      return response.arrayBuffer();
    };
    const numListeners = () => getEventListeners(signal, 'abort').length;
    await post('ab');
    await post('!');
    const leaving = new AbortController();
    const left = post('~', { signal: leaving.signal });
    await waitUntil(() => numListeners() === 1 && engine.numActive === 1);
    leaving.abort();
    await expect(left).rejects.toThrow();
    await waitUntil(() => engine.numActive === 0);
    await waitUntil(() => numListeners() === 0);
    context.encoders.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it('is no listener at the signal of its turn', async () => {
    const admission = new Admission({
      maxRunning: 1,
      maxWaiting: 1,
      maxPaused: 1,
      queueTimeoutMs: 60_000,
    });
    const { signal } = new AbortController();
    const turn = await admission.enter(signal);
    turn.end();
    await admission.idle();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('is counted: failures by their code, and clients that left', async () => {
    const engine = new ToneEngine();
    const server = await startTestServer(engine, { maxRunning: 1 });
    try {
      await (await server.post({ ...SPEECH, input: '' })).text();
      const leaving = new AbortController();
      const left = server.post({ ...SPEECH, input: '~' }, { signal: leaving.signal });
      await waitUntil(() => engine.numActive === 1);
      const waiting = ['a', 'b'].map((input) => server.post({ ...SPEECH, input }));
      const read = async () => (await fetch(`${server.url}/metrics`)).text();
      let metrics = await read();
      for (let turn = 0; turn < 100 && !/^linnet_speech_waiting 2$/m.test(metrics); turn++) {
        metrics = await read();
      }
      expect(metrics).toMatch(/^linnet_speech_waiting 2$/m);
      expect(metrics).toMatch(/^linnet_speech_running 1$/m);
      await (await server.post({ ...SPEECH, input: '' })).text();
      leaving.abort();
      await expect(left).rejects.toThrow();
      for (const response of await Promise.all(waiting)) {
        await response.arrayBuffer();
      }
      await (await server.post({ ...SPEECH, input: 'ab', stream: false })).arrayBuffer();
      metrics = await read();
      expect(metrics).toMatch(/^linnet_failures_total\{code="TEXT_EMPTY"\} 2$/m);
      // a request that is wrong was not refused for want of room
      expect(metrics).not.toMatch(/^linnet_refusals_total\{/m);
      expect(metrics).toMatch(/^linnet_speech_waiting 0$/m);
      expect(metrics).toMatch(/route="\/v1\/audio\/speech",method="POST",status="499"\} 1$/m);
    } finally {
      await server.close();
    }
  });
});

describe('a server that shuts down', () => {
  it('says so to all who ask, finishes what runs, and leaves no timer', async () => {
    const count = () =>
      process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const engine = new ToneEngine(100);
    const before = count();
    const server = await startTestServer(engine);
    const { url } = server;
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const running = server.post({ ...SPEECH, input: 'a'.repeat(10) });
    await waitUntil(() => engine.numActive === 1);
    // one that keeps its connection and asks nothing
    const idle = connect(server.port, '127.0.0.1').resume();
    await new Promise((resolve) => idle.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n', resolve));
    await once(idle, 'data');
    const isIdleClosed = once(idle, 'close');
    const closing = server.close();
    await isIdleClosed;
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, ready.headers.get('connection')]).toEqual([503, 'close']);
    expect(await ready.json()).toEqual({ status: 'SHUTTING_DOWN' });
    const health = await fetch(`${url}/healthz`);
    expect([health.status, await health.json()]).toMatchObject([
      200,
      { status: 'shutting down', running: 1 },
    ]);
    const refused = await server.post({ ...SPEECH, input: 'a' });
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ error: { code: 'SHUTTING_DOWN' } });
    expect(engine.numActive).toBe(1);
    expect((await (await running).arrayBuffer()).byteLength).toBe(10 * 9_600);
    await closing;
    await expect(fetch(`${url}/readyz`)).rejects.toThrow();
    expect(count()).toBeLessThanOrEqual(before);
  });
});

describe('a server that is full', () => {
  it('is not ready until it has room, and alive', async () => {
    const engine = new ToneEngine();
    const server = await startTestServer(engine, { maxRunning: 1, maxWaiting: 0 });
    const leaving = new AbortController();
    const stuck = server.post({ ...SPEECH, input: '~' }, { signal: leaving.signal });
    await waitUntil(() => engine.numActive === 1);
    const ready = await fetch(`${server.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([503, { status: 'QUEUE_FULL' }]);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    leaving.abort();
    await expect(stuck).rejects.toThrow();
    await waitUntil(() => engine.numActive === 0);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    await server.close();
  });
});
