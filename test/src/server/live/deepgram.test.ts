import { DeepgramClient } from '@deepgram/sdk';
import { openLive, refusedLive } from '../../../helpers/live-client.js';
import { waitUntil } from '../../../helpers/processes.js';
import { startRealServer, type TestServer } from '../../../helpers/server.js';

const API_KEY = 'secret';
const HEADERS = { Authorization: `Token ${API_KEY}` };
const TEXT = 'The quick brown fox jumps over the lazy old dog.';

describe("Deepgram's live protocol with the real models", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startRealServer({ apiKey: API_KEY });
  }, 60_000);
  afterAll(() => server.close());
  const open = (query = '') => openLive(server.url, `/v1/speak${query}`, { headers: HEADERS });

  it('serves the official SDK', async () => {
    const client = new DeepgramClient({
      apiKey: API_KEY,
      environment: {
        base: server.url,
        production: server.url.replace('http', 'ws'),
        agent: server.url.replace('http', 'ws'),
        agentRest: server.url,
      },
    });
    const connection = await client.speak.v1.connect({
      Authorization: HEADERS.Authorization,
      model: 'aura-2-thalia-en',
      encoding: 'linear16',
      sample_rate: '16000',
    });
    const types: string[] = [];
    const sizes: number[] = [];
    let closeCode: number | undefined;
    connection.on('message', (message: unknown) => {
      const { type } = message as { type?: unknown };
      // a Blob has a type too, an empty one
      types.push(typeof type === 'string' && type !== '' ? type : 'audio');
      const size = message as { byteLength?: number; size?: number };
      sizes.push(size.byteLength ?? size.size ?? 0);
    });
    connection.on('close', ({ code }) => {
      closeCode = code;
    });
    connection.connect();
    await connection.waitForOpen();
    for (const word of TEXT.split(/(?<= )/)) {
      connection.sendText({ type: 'Speak', text: word });
    }
    connection.sendFlush({ type: 'Flush' });
    await waitUntil(() => types.includes('Flushed'), 20_000);
    connection.sendClose({ type: 'Close' });
    await waitUntil(() => closeCode !== undefined, 20_000);
    expect(closeCode).toBe(1000);
    expect(types.slice(0, 2)).toEqual(['Metadata', 'Warning']);
    expect(types.filter((type) => type === 'Flushed')).toHaveLength(1);
    const numBytes = sizes.reduce((sum, size) => sum + size, 0);
    expect(numBytes / 32_000).toBeGreaterThan(1.5);
    expect(numBytes / 32_000).toBeLessThan(8);
  }, 60_000);

  it('answers a flush after the last byte, in order, and goes on', async () => {
    const client = await open('?model=george&encoding=mulaw');
    expect(await client.wait('Metadata')).toMatchObject({ model_name: 'george' });
    client.send({ type: 'Flush' });
    expect(await client.wait('Flushed')).toEqual({ type: 'Flushed', sequence_id: 0 });
    client.send({ type: 'Speak', text: 'Good evening' });
    client.send({ type: 'Flush' });
    expect(await client.wait('Flushed', 2)).toEqual({ type: 'Flushed', sequence_id: 1 });
    const numBytes = client.bytes().length;
    expect(numBytes / 8_000).toBeGreaterThan(0.4);
    expect(client.received.at(-1)).not.toBeInstanceOf(Buffer);
    client.send({ type: 'Speak', text: ' to all of you.' });
    client.send({ type: 'Close' });
    expect(await client.closed).toBe(1000);
    expect(client.bytes().length).toBeGreaterThan(numBytes);
  }, 60_000);

  it('drops what it has not spoken at a clear, and goes on', async () => {
    const client = await open();
    client.send({ type: 'Speak', text: TEXT.repeat(20) });
    await waitUntil(() => client.bytes().length > 0, 20_000);
    client.send({ type: 'Clear' });
    await client.wait('Cleared');
    const numBytes = client.bytes().length;
    expect(numBytes / 48_000).toBeLessThan(40);
    client.send({ type: 'Speak', text: 'Hello.' });
    client.send({ type: 'Flush' });
    await client.wait('Flushed');
    const numSeconds = (client.bytes().length - numBytes) / 48_000;
    expect(numSeconds).toBeGreaterThan(0.2);
    expect(numSeconds).toBeLessThan(2);
    client.socket.terminate();
  }, 60_000);

  it('warns of too many flushes and of garbage, and closes after twenty pieces of that', async () => {
    const client = await open();
    for (let turn = 0; turn < 21; turn++) {
      client.send({ type: 'Flush' });
    }
    expect(await client.wait('Warning')).toMatchObject({ code: 'EXCESSIVE_FLUSHES' });
    expect(client.all('Flushed')).toHaveLength(20);
    for (let turn = 0; turn < 20; turn++) {
      client.send({ type: 'Sing' });
    }
    expect(await client.closed).toBe(4400);
    expect(client.all('Warning').at(-1)).toMatchObject({ code: 'BODY_INVALID' });
  });

  it('takes the key as a subprotocol, as the SDK sends it in browsers', async () => {
    const client = await openLive(server.url, '/v1/speak', { protocols: ['token', API_KEY] });
    client.send({ type: 'Close' });
    expect(await client.closed).toBe(1000);
  });

  it.each([
    ['', {}, 401, 'API_KEY_INVALID'],
    ['?encoding=flac', HEADERS, 400, 'FORMAT_UNKNOWN'],
    ['?sample_rate=7', HEADERS, 400, 'OPTION_INVALID'],
    ['?speed=9', HEADERS, 400, 'SPEED_OUT_OF_RANGE'],
    ['?model=nobody', HEADERS, 400, 'VOICE_UNKNOWN'],
  ])('refuses "%s" before the upgrade', async (query, headers, status, code) => {
    const path = `/v1/speak${query}`;
    expect(await refusedLive(server.url, path, { headers })).toMatchObject({ status, code });
  });
});
