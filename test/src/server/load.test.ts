import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import type { SpeakOptions, SpeechChunk } from '../../../tts/types.js';
import { ToneEngine } from '../../helpers/fake-engine.js';
import { childrenNamed, waitUntil } from '../../helpers/processes.js';
import { startTestServer, type TestServer } from '../../helpers/server.js';

const SPEECH = { model: 'tts-1', voice: 'low', response_format: 'pcm' };

/** 14 MB of audio: more than the system takes for a client that does not read. */
const LONG = 'a'.repeat(1_500);

type Reader = { request: ClientRequest; response: IncomingMessage };

/** Asks for speech and reads nothing of it. */
async function neverRead(port: number, input: string, format = 'pcm'): Promise<Reader> {
  const outgoing = request({
    port,
    method: 'POST',
    path: '/v1/audio/speech',
    headers: { 'Content-Type': 'application/json' },
  });
  outgoing.on('error', () => undefined);
  outgoing.end(JSON.stringify({ ...SPEECH, input, response_format: format }));
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  response.on('error', () => undefined);
  response.pause();
  return { request: outgoing, response };
}

/** Each character's samples are its code, so that no two texts sound alike. */
class LetterEngine extends ToneEngine {
  override async *speak(
    text: string,
    options: SpeakOptions = {},
  ): AsyncGenerator<SpeechChunk, undefined, undefined> {
    let index = 0;
    for await (const { samples, ...rest } of super.speak(text, options)) {
      yield { samples: samples.fill(text.charCodeAt(index++) / 256), ...rest };
    }
    return undefined;
  }
}

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
    const reader = await neverRead(server.port, LONG);
    let made = -1;
    while (made !== engine.numChunks) {
      made = engine.numChunks;
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
    // sockets buffer a few
    expect(made).toBeLessThan(LONG.length);
    expect(engine.numActive).toBe(1);
    await waitUntil(() => engine.numActive === 0);
    reader.request.destroy();
  });

  it('gives the turn of a client that does not read to others, until it reads on', async () => {
    const engine = new ToneEngine();
    server = await startTestServer(engine, { maxRunning: 1, maxPaused: 2 });
    const { post, port, url } = server;
    const health = async () => (await (await fetch(`${url}/healthz`)).json()) as object;
    const readers = [await neverRead(port, LONG)];
    const short = await post({ ...SPEECH, input: 'ab' });
    expect((await short.arrayBuffer()).byteLength).toBe(2 * 9_600);
    const whole = await post({ ...SPEECH, input: 'ab', stream: false });
    expect((await whole.arrayBuffer()).byteLength).toBe(2 * 9_600);

    readers.push(await neverRead(port, LONG));
    for (let paused = 0; paused !== 2;) {
      ({ paused } = (await health()) as { paused: number });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await health()).toMatchObject({ running: 0, waiting: 0 });
    const refused = await post({ ...SPEECH, input: 'a' });
    expect(refused.status).toBe(503);
    expect(refused.headers.has('retry-after')).toBe(true);
    expect(await refused.json()).toMatchObject({ error: { code: 'STREAMS_FULL' } });

    for (const { response } of readers) {
      let numBytes = 0;
      response.on('data', (bytes: Buffer) => {
        numBytes += bytes.length;
      });
      response.resume();
      await once(response, 'end');
      expect(numBytes).toBe(LONG.length * 9_600);
    }
    expect(await health()).toMatchObject({ running: 0, waiting: 0, paused: 0 });
  }, 120_000);

  it('gives up on a client that asks for the whole and does not read it', async () => {
    const engine = new ToneEngine();
    server = await startTestServer(engine, { stallTimeoutMs: 300 });
    const body = { ...SPEECH, input: LONG, stream: false };
    const response = await server.post(body);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await expect(response.arrayBuffer()).rejects.toThrow();
  });

  it('queues, then refuses with 503 and Retry-After', async () => {
    const engine = new ToneEngine();
    server = await startTestServer(engine, { maxRunning: 2, maxWaiting: 2 });
    const { post } = server;
    const abort = new AbortController();
    const stuck = ['~', '~'].map((input) =>
      post({ ...SPEECH, input }, { signal: abort.signal }).catch((error: unknown) => error),
    );
    await waitUntil(() => engine.numActive === 2);
    const asked = Array.from({ length: 5 }, () => post({ ...SPEECH, input: 'aaaa' }));
    let numAnswered = 0;
    for (const answer of asked) {
      void answer.then(() => numAnswered++);
    }
    await waitUntil(() => numAnswered === 3);
    abort.abort();
    await Promise.all(stuck);
    const responses = await Promise.all(asked);
    const refused = responses.filter(({ status }) => status === 503);
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(2);
    expect(refused).toHaveLength(3);
    expect(Number(refused[0]!.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused[0]!.json()).toMatchObject({
      error: { code: 'QUEUE_FULL', type: 'server_error' },
    });
    for (const response of responses.filter(({ status }) => status === 200)) {
      expect((await response.arrayBuffer()).byteLength).toBe(4 * 9_600);
    }
  });

  it('gives each of 40 requests at once its own samples, and no others', async () => {
    server = await startTestServer(new LetterEngine(1), { maxRunning: 4, maxWaiting: 100 });
    const { post } = server;
    const texts = Array.from({ length: 40 }, (_, index) =>
      String.fromCharCode(65 + index, 65 + ((index * 7) % 40)).repeat(1 + (index % 7)),
    );
    const spoken = await Promise.all(
      texts.map(async (input) => {
        const response = await post({ ...SPEECH, input });
        return new Int16Array(await response.arrayBuffer());
      }),
    );
    for (const [index, samples] of spoken.entries()) {
      const heard = Array.from(samples, (sample) => Math.round((sample / 32_767) * 256));
      const expected = Array.from(texts[index]!).flatMap((letter) =>
        Array.from({ length: 4_800 }, () => letter.charCodeAt(0)),
      );
      expect(heard).toEqual(expected);
    }
  });

  it('finishes what is running when it is closed', async () => {
    const engine = new ToneEngine(40);
    const own = await startTestServer(engine, { maxRunning: 1 });
    const running = own.post({ ...SPEECH, input: 'a'.repeat(10) });
    await waitUntil(() => engine.numActive === 1);
    const closing = own.close();
    expect((await (await running).arrayBuffer()).byteLength).toBe(10 * 9_600);
    await closing;
    expect(engine.isClosed).toBe(true);
    await expect(own.post({ ...SPEECH, input: 'a' })).rejects.toThrow();
  });

  it('refuses what waits when it is closed', async () => {
    const engine = new ToneEngine();
    const own = await startTestServer(engine, { maxRunning: 1, drainTimeoutMs: 200 });
    const stuck = own.post({ ...SPEECH, input: '~' }).catch((error: unknown) => error);
    await waitUntil(() => engine.numActive === 1);
    const waiting = own.post({ ...SPEECH, input: 'a' });
    const health = async () => (await (await fetch(`${own.url}/healthz`)).json()) as object;
    for (let isWaiting = 0; isWaiting !== 1;) {
      ({ waiting: isWaiting } = (await health()) as { waiting: number });
    }
    const closing = own.close();
    const refused = await waiting;
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ error: { code: 'SHUTTING_DOWN' } });
    await closing;
    await stuck;
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
