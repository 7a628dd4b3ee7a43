import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { createContext } from '../../../../src/server/context.js';
import { createLiveServer } from '../../../../src/server/live/live-server.js';
import { nativeProtocol } from '../../../../src/server/live/native-protocol.js';
import { serveSockets } from '../../../../src/server/live/sockets.js';
import { resolveServerOptions } from '../../../../src/server/options.js';
import { ToneEngine } from '../../../helpers/fake-engine.js';
import { openLive, refusedLive } from '../../../helpers/live-client.js';
import { waitUntil } from '../../../helpers/processes.js';
import { startTestServer, type TestServer } from '../../../helpers/server.js';

const PATH = '/v1/audio/speech/live';

/** Sends bytes as they are. @returns all that comes back until the server closes. */
async function sendRaw(server: TestServer, text: string): Promise<string> {
  const socket = connect(server.port, '127.0.0.1');
  // not ended: Node drops requests of connections that are closed on the client's side
  socket.write(text);
  socket.setEncoding('latin1');
  let answer = '';
  for await (const part of socket) {
    answer += String(part);
  }
  return answer;
}

function upgrade(lines: string[], { method = 'GET', path = PATH } = {}): string {
  return [`${method} ${path} HTTP/1.1`, 'Host: localhost', ...lines, '', ''].join('\r\n');
}

describe('an upgrade', () => {
  let server: TestServer;
  const key = 'secret';
  beforeAll(async () => {
    server = await startTestServer(new ToneEngine(), {
      apiKey: key,
      corsOrigins: ['https://friend.example'],
    });
  });
  afterAll(() => server.close());

  it.each<[string, Parameters<typeof openLive>[2]]>([
    ['a bearer token', { headers: { Authorization: `Bearer ${key}` } }],
    ['a token', { headers: { Authorization: `Token ${key}` } }],
    ['the header of ElevenLabs', { headers: { 'xi-api-key': key } }],
    ['a subprotocol', { protocols: ['token', key] }],
  ])('takes the key as %s', async (_, options) => {
    const client = await openLive(server.url, PATH, options);
    expect((await client.wait('ready')).type).toBe('ready');
    expect(client.socket.protocol).toBe(options?.protocols === undefined ? '' : 'token');
    client.socket.close();
    expect(await client.closed).toBe(1005);
  });

  it('takes the key in the address, and the address without /v1', async () => {
    const client = await openLive(server.url, `/audio/speech/live?api_key=${key}`);
    client.socket.terminate();
  });

  it.each<[string, string, Parameters<typeof openLive>[2], number, string]>([
    ['no key', PATH, {}, 401, 'API_KEY_INVALID'],
    ['a wrong key', PATH, { headers: { Authorization: 'Bearer no' } }, 401, 'API_KEY_INVALID'],
    ['an unknown address', '/v1/nothing', {}, 404, 'ROUTE_NOT_FOUND'],
    ['an address that is not encoded well', '/v1/%E0%A4%A', {}, 404, 'ROUTE_NOT_FOUND'],
    [
      'a page of another origin',
      PATH,
      { headers: { Authorization: `Bearer ${key}`, Origin: 'https://foe.example' } },
      403,
      'ORIGIN_REFUSED',
    ],
    ['a query with a mistake', `${PATH}?api_key=${key}&audio=smoke`, {}, 400, 'OPTION_INVALID'],
  ])('with %s is refused in HTTP', async (_, path, options, status, code) => {
    const id = { 'X-Request-Id': 'mine' };
    const refused = await refusedLive(server.url, path, {
      ...options,
      headers: { ...options?.headers, ...id },
    });
    expect(refused).toMatchObject({ status, code });
    expect(refused.headers['x-request-id']).toBe('mine');
  });

  it('is let in from an allowed origin and from the server itself', async () => {
    for (const origin of ['https://friend.example', server.url]) {
      const headers = { Authorization: `Bearer ${key}`, Origin: origin };
      (await openLive(server.url, PATH, { headers })).socket.terminate();
    }
  });

  it('by another method is refused', async () => {
    const lines = ['Connection: Upgrade', 'Upgrade: websocket', `Authorization: Bearer ${key}`];
    const answer = await sendRaw(server, upgrade(lines, { method: 'POST' }));
    expect(answer).toMatch(/^HTTP\/1\.1 405 [^]*Allow: GET[^]*METHOD_NOT_ALLOWED/);
  });

  it('with a broken handshake is refused', async () => {
    const lines = ['Connection: Upgrade', 'Upgrade: websocket', `Authorization: Bearer ${key}`];
    expect(await sendRaw(server, upgrade(lines))).toMatch(/^HTTP\/1\.1 400 [^]*BODY_INVALID/);
  });

  it('to another protocol is served without it', async () => {
    const body = JSON.stringify({ input: 'ab', voice: 'low', response_format: 'pcm' });
    const answer = await sendRaw(
      server,
      upgrade(
        [
          'Connection: close, Upgrade, HTTP2-Settings',
          'Upgrade: h2c',
          'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
          `Authorization: Bearer ${key}`,
          'Content-Type: application/json',
          `Content-Length: ${body.length}`,
        ],
        { method: 'POST', path: '/v1/audio/speech' },
      ) + body,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 [^]*Content-Type: audio\/pcm/);
    expect(answer.length).toBeGreaterThan(19_200);
  });

  it('is what a plain request to its address is told to make', async () => {
    const response = await fetch(server.url + PATH);
    expect(response.status).toBe(426);
    expect(response.headers.get('upgrade')).toBe('websocket');
  });
});

describe('a socket', () => {
  let engine: ToneEngine;
  let server: TestServer;
  beforeEach(() => {
    engine = new ToneEngine();
  });
  afterEach(() => server.close());
  const readMetric = async (name: string) => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  };
  const untilMetric = async (name: string, value: number) => {
    let seen = await readMetric(name);
    for (let turn = 0; turn < 1_500 && seen !== value; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      seen = await readMetric(name);
    }
    expect(seen).toBe(value);
  };

  it('is closed by text that is not UTF-8 and by a message that is too long, others are not', async () => {
    server = await startTestServer(engine, { maxInput: 100 });
    const good = await openLive(server.url, PATH);
    const invalid = await openLive(server.url, PATH);
    invalid.socket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false });
    expect(await invalid.closed).toBe(1007);
    const large = await openLive(server.url, PATH);
    large.socket.send(`"${'a'.repeat(100 * 6 + 65_536)}"`);
    expect(await large.closed).toBe(1009);
    good.send({ type: 'push', text: 'ab' });
    good.send({ type: 'finish' });
    await good.wait('done');
    expect(good.bytes()).toHaveLength(2 * 9_600);
    good.socket.terminate();
  });

  it('takes one of a limited number of places', async () => {
    server = await startTestServer(engine, { maxSockets: 1 });
    const first = await openLive(server.url, PATH);
    await untilMetric('linnet_live_sockets', 1);
    const refused = await refusedLive(server.url, PATH);
    expect(refused).toMatchObject({ status: 503, code: 'SOCKETS_FULL' });
    expect(refused.headers['retry-after']).toBe('2');
    first.socket.terminate();
    await untilMetric('linnet_live_sockets', 0);
    (await openLive(server.url, PATH)).socket.terminate();
  });

  it('takes its contexts with it when it vanishes', async () => {
    server = await startTestServer(engine);
    const client = await openLive(server.url, PATH);
    client.send({ type: 'push', context_id: 'a', text: 'a~' });
    client.send({ type: 'push', context_id: 'b', text: 'b~' });
    await client.wait('audio', 2);
    await untilMetric('linnet_live_contexts', 2);
    client.socket.terminate();
    await untilMetric('linnet_live_contexts', 0);
    await waitUntil(() => engine.numActive === 0);
  });

  it('whose client reads nothing holds the engine back, and is broken off', async () => {
    server = await startTestServer(engine, { stallTimeoutMs: 1_000, maxInput: 100_000 });
    const client = await openLive(server.url, PATH);
    const text = 'a'.repeat(20_000);
    client.socket.pause();
    client.send({ type: 'push', text });
    await untilMetric('linnet_live_contexts', 1);
    await untilMetric('linnet_live_contexts', 0);
    // 20,000 chunks of 9,600 bytes are 192 MB: nothing of that size may lie in memory
    expect(engine.numChunks).toBeGreaterThan(20);
    expect(engine.numChunks).toBeLessThan(5_000);
  });

  it('is broken off when two pings were not answered, unless audio is still to be played', async () => {
    server = await startTestServer(engine);
    const options = resolveServerOptions({ port: 0, logLevel: 'silent' }, {});
    const live = createLiveServer(await createContext(engine, options));
    const http = createServer();
    serveSockets(http, live, [nativeProtocol(live)], { pingIntervalMs: 500 });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const listening = await openLive(url, PATH, { autoPong: false });
    // 200 s of audio, which a client may read as it plays
    listening.send({ type: 'push', text: 'a'.repeat(1_000) });
    listening.send({ type: 'finish' });
    await listening.wait('done');
    const answering = await openLive(url, PATH);
    let numPings = 0;
    answering.socket.on('ping', () => numPings++);
    const silent = await openLive(url, PATH, { autoPong: false });
    expect(await silent.closed).toBe(1006);
    await waitUntil(() => numPings > 3);
    expect(answering.socket.readyState).toBe(answering.socket.OPEN);
    expect(listening.socket.readyState).toBe(listening.socket.OPEN);
    answering.socket.terminate();
    listening.socket.terminate();
    await new Promise((resolve) => http.close(resolve));
    live.encoders.close();
  });

  it('is closed at once by a server that stops, but not while it speaks', async () => {
    server = await startTestServer(engine);
    const idle = await openLive(server.url, PATH);
    const busy = await openLive(server.url, PATH);
    busy.send({ type: 'push', text: 'ab' });
    await busy.wait('audio', 2);
    const closing = server.close();
    expect(await idle.closed).toBe(4503);
    busy.send({ type: 'open', context_id: 'other' });
    expect(await busy.wait('error')).toMatchObject({ code: 'SHUTTING_DOWN', context_id: 'other' });
    busy.send({ type: 'push', text: 'c' });
    busy.send({ type: 'finish' });
    await busy.wait('done');
    expect(busy.bytes()).toHaveLength(3 * 9_600);
    expect(await busy.closed).toBe(4503);
    await closing;
  });

  it('is broken off after the time that a server that stops gives it', async () => {
    server = await startTestServer(engine, { drainTimeoutMs: 50 });
    const busy = await openLive(server.url, PATH);
    busy.send({ type: 'push', text: 'a~' });
    await busy.wait('audio');
    await server.close();
    expect(await busy.closed).toBe(1006);
  });
});
