import { request } from 'node:http';
import { ToneEngine } from '../../helpers/fake-engine.js';
import { childrenNamed, waitUntil } from '../../helpers/processes.js';
import { startTestServer, type TestServer } from '../../helpers/server.js';

const SPEECH = { model: 'tts-1', voice: 'low', response_format: 'pcm' };

describe('the server under load', () => {
  let server: TestServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  it('sends the first audio while the rest is being made', async () => {
    const engine = new ToneEngine(50);
    server = await startTestServer(engine);
    for (const response_format of ['pcm', 'wav', 'mp3', 'opus']) {
      engine.numChunks = 0;
      const response = await server.post({ ...SPEECH, response_format, input: 'a'.repeat(20) });
      const reader = response.body!.getReader();
      await reader.read();
      expect(engine.numChunks).toBeLessThan(15);
      await reader.cancel();
      await waitUntil(() => engine.numActive === 0);
    }
  });

  it.each(['pcm', 'mp3'])('stops speaking when the client leaves (%s)', async (response_format) => {
    const engine = new ToneEngine(20);
    server = await startTestServer(engine);
    const abort = new AbortController();
    const body = { ...SPEECH, response_format, input: 'a'.repeat(1_000) };
    const response = await server.post(body, { signal: abort.signal });
    await response.body!.getReader().read();
    expect(engine.numActive).toBe(1);
    abort.abort();
    await waitUntil(() => engine.numActive === 0, 500);
    expect(engine.numChunks).toBeLessThan(100);
    // closing ends idle processes, but none that works for a client
    await server.close();
    await waitUntil(() => childrenNamed('ffmpeg').length === 0, 500);
  });

  it('frees the turn of a client that leaves before the first sound', async () => {
    const engine = new ToneEngine();
    server = await startTestServer(engine, { maxRunning: 1, maxWaiting: 1 });
    const abort = new AbortController();
    const stuck = server.post({ ...SPEECH, input: '~' }, { signal: abort.signal });
    await waitUntil(() => engine.numActive === 1);
    abort.abort();
    await expect(stuck).rejects.toThrow();
    const next = await server.post({ ...SPEECH, input: 'a' });
    expect(next.status).toBe(200);
    await next.arrayBuffer();
  });

  it('waits for a slow reader instead of piling up audio, and gives up on a stuck one', async () => {
    const engine = new ToneEngine();
    server = await startTestServer(engine, { stallTimeoutMs: 1_500 });
    const { port } = server;
    const outgoing = request({
      port,
      method: 'POST',
      path: '/v1/audio/speech',
      headers: { 'Content-Type': 'application/json' },
    });
    outgoing.on('error', () => undefined);
    outgoing.end(JSON.stringify({ ...SPEECH, input: 'a'.repeat(4_000) }));
    await new Promise<void>((resolve) => {
      outgoing.on('response', (response) => {
        response.on('error', () => undefined);
        response.pause();
        resolve();
      });
    });
    let made = -1;
    while (made !== engine.numChunks) {
      made = engine.numChunks;
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
    // 4000 chunks are 38 MB; sockets buffer a few
    expect(made).toBeLessThan(2_000);
    expect(engine.numActive).toBe(1);
    await waitUntil(() => engine.numActive === 0);
    outgoing.destroy();
  });

  it('queues, then refuses with 503 and Retry-After', async () => {
    const engine = new ToneEngine(30);
    server = await startTestServer(engine, { maxRunning: 2, maxWaiting: 2 });
    const { post } = server;
    const responses = await Promise.all(
      Array.from({ length: 7 }, () => post({ ...SPEECH, input: 'aaaa' })),
    );
    const refused = responses.filter(({ status }) => status === 503);
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(4);
    expect(refused).toHaveLength(3);
    expect(Number(refused[0]!.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused[0]!.json()).toMatchObject({
      error: { code: 'QUEUE_FULL', type: 'server_error' },
    });
    for (const response of responses.filter(({ status }) => status === 200)) {
      expect((await response.arrayBuffer()).byteLength).toBe(4 * 9_600);
    }
  });

  it('serves 40 requests at once without mixing them up', async () => {
    server = await startTestServer(new ToneEngine(1), { maxRunning: 4, maxWaiting: 100 });
    const { post } = server;
    const lengths = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const response = await post({ ...SPEECH, input: 'a'.repeat(1 + (index % 7)) });
        return (await response.arrayBuffer()).byteLength / 9_600;
      }),
    );
    expect(lengths).toEqual(Array.from({ length: 40 }, (_, index) => 1 + (index % 7)));
  });

  it('finishes what is running when it is closed, and refuses the rest', async () => {
    const engine = new ToneEngine(40);
    const own = await startTestServer(engine, { maxRunning: 1 });
    const running = own.post({ ...SPEECH, input: 'a'.repeat(10) });
    await waitUntil(() => engine.numActive === 1);
    const waiting = own.post({ ...SPEECH, input: 'a' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const closing = own.close();
    expect((await waiting).status).toBe(503);
    expect((await (await running).arrayBuffer()).byteLength).toBe(10 * 9_600);
    await closing;
    expect(engine.isClosed).toBe(true);
    await expect(own.post({ ...SPEECH, input: 'a' })).rejects.toThrow();
  });

  it('breaks off what takes too long when it is closed', async () => {
    const engine = new ToneEngine();
    const own = await startTestServer(engine, { drainTimeoutMs: 100 });
    const stuck = own.post({ ...SPEECH, input: '~' }).catch((error: unknown) => error);
    await waitUntil(() => engine.numActive === 1);
    await own.close();
    expect(engine.numActive).toBe(0);
    await stuck;
  });

  it('says so when the port is taken', async () => {
    server = await startTestServer(new ToneEngine());
    await expect(startTestServer(new ToneEngine(), { port: server.port })).rejects.toMatchObject({
      code: 'PORT_UNAVAILABLE',
    });
  });
});
