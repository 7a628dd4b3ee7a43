import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { Engine } from '../../../../engine/client/engine.js';
import { readGauges } from '../../../../src/bench/server-gauges.js';
import { openLive, type LiveClient } from '../../../helpers/live-client.js';
import { waitUntil } from '../../../helpers/processes.js';
import { startTestServer, type TestServer } from '../../../helpers/server.js';

const PATH = '/v1/audio/speech/live';
const WORKER = new URL('../../../helpers/crashing-worker.js', import.meta.url);
const TEXT = 'The quick brown fox jumps over the lazy old dog. Then it goes home to sleep.';
const LONG = `${TEXT} `.repeat(40);
const MAX_SOCKETS = 100;

/** A text frame of RFC 6455 with the first byte given, masked with zeros unless it is not. */
function frame(payload: Buffer, { head = 0x81, isMasked = true } = {}): Buffer {
  const length = Buffer.from([head, (isMasked ? 0x80 : 0) | payload.length]);
  return Buffer.concat([length, ...(isMasked ? [Buffer.alloc(4)] : []), payload]);
}

describe('a healthy stream', () => {
  let server: TestServer;
  let alone: Buffer;
  beforeAll(async () => {
    const engine = await Engine.load({ device: 'cpu', threads: 2 }, WORKER);
    server = await startTestServer(engine, { maxSockets: MAX_SOCKETS, stallTimeoutMs: 60_000 });
    const client = await openLive(server.url, PATH);
    alone = await speak(client, 'alone');
    expect(alone.length / 48_000).toBeGreaterThan(3);
    client.socket.terminate();
    await untilPlaces(0);
  }, 60_000);
  afterAll(() => server.close());

  /** Sockets and contexts that the server counts. */
  async function untilPlaces(count: number): Promise<void> {
    let places = -1;
    for (let turn = 0; turn < 1_000 && places !== count; turn++) {
      ({ openPlaces: places } = await readGauges(server));
      await sleep(10);
    }
    expect(places).toBe(count);
  }

  /** Says the text word by word. @returns its audio. */
  async function speak(client: LiveClient, id: string): Promise<Buffer> {
    const from = client.received.length;
    client.send({ type: 'open', context_id: id, seed: 7 });
    for (const text of TEXT.split(/(?<= )/)) {
      client.send({ type: 'push', context_id: id, text });
      await sleep(30);
    }
    client.send({ type: 'finish', context_id: id });
    await waitUntil(() => client.all('done').some((done) => done['context_id'] === id), 30_000);
    return Buffer.concat(client.received.slice(from).filter((message) => Buffer.isBuffer(message)));
  }

  /** Has the text spoken while something goes wrong elsewhere, again and again until that is over. */
  async function expectUnharmedBy(fault: () => Promise<void>): Promise<void> {
    const client = await openLive(server.url, PATH);
    try {
      const state = { isOver: false };
      const faults = fault().finally(() => {
        state.isOver = true;
      });
      faults.catch(() => undefined);
      for (let turn = 0; turn === 0 || !state.isOver; turn++) {
        expect((await speak(client, `turn ${turn}`)).equals(alone)).toBe(true);
      }
      await faults;
      expect(client.all('error')).toEqual([]);
      await untilPlaces(1);
    } finally {
      client.socket.terminate();
    }
    await untilPlaces(0);
  }

  /** Opens a connection and begins an upgrade. @returns the connection, when the upgrade is answered. */
  async function openRaw(): Promise<Socket> {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    const key = Buffer.alloc(16).toString('base64');
    socket.write(
      `GET ${PATH} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    );
    await once(socket, 'data');
    return socket;
  }

  /** @returns the code of the close frame that the server ends a connection with, 0 without one. */
  async function closeCode(socket: Socket): Promise<number> {
    const parts: Buffer[] = [];
    socket.on('data', (part: Buffer) => parts.push(part));
    await once(socket, 'close');
    const bytes = Buffer.concat(parts);
    const at = bytes.lastIndexOf(0x88);
    return at < 0 ? 0 : bytes.readUInt16BE(at + 2);
  }

  it('hears of an engine that is killed, and speaks as before on the same socket', async () => {
    const client = await openLive(server.url, PATH);
    const other = await openLive(server.url, PATH);
    client.send({ type: 'push', context_id: 'long', text: LONG.slice(0, 2_000) });
    await client.wait('audio');
    other.send({ type: 'push', text: 'Some words [crash] more words.' });
    for (const [each, id] of [
      [client, 'long'],
      [other, 'default'],
    ] as const) {
      expect(await each.wait('error')).toMatchObject({
        code: 'ENGINE_CRASHED',
        context_id: id,
        retryable: true,
      });
    }
    await untilPlaces(2);
    expect((await speak(client, 'after')).equals(alone)).toBe(true);
    client.send({ type: 'push', context_id: 'long', text: 'late' });
    expect(await client.wait('error', 2)).toMatchObject({ code: 'STATE_INVALID' });
    client.socket.terminate();
    other.socket.terminate();
    await untilPlaces(0);
  }, 60_000);

  it('is not harmed by 1,000 clients that connect at once', async () => {
    await expectUnharmedBy(async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 1_000 }, async () => {
          const socket = new WebSocket(server.url.replace('http', 'ws') + PATH);
          socket.on('error', () => undefined);
          const refused = once(socket, 'unexpected-response').then(([, response]) => {
            (response as { resume: () => void }).resume();
            return (response as { statusCode: number }).statusCode;
          });
          return { socket, status: await Promise.race([refused, once(socket, 'open').then(() => 101)]) }; // prettier-ignore
        }),
      );
      expect(outcomes.filter(({ status }) => status === 101)).toHaveLength(MAX_SOCKETS - 1);
      expect(outcomes.filter(({ status }) => status === 503)).toHaveLength(1_001 - MAX_SOCKETS);
      for (const { socket } of outcomes) {
        socket.terminate();
      }
    });
  }, 60_000);

  it('is not harmed by clients that read nothing or next to nothing', async () => {
    await expectUnharmedBy(async () => {
      const readers = await Promise.all(
        Array.from({ length: 6 }, () => openLive(server.url, PATH)),
      );
      for (const [index, reader] of readers.entries()) {
        reader.send({ type: 'open', format: 'pcm', sample_rate: 48_000 });
        reader.send({ type: 'push', text: LONG });
        await reader.wait('audio');
        reader.socket.pause();
        if (index % 2 === 1) {
          for (let turn = 0; turn < 5; turn++) {
            reader.socket.resume();
            await sleep(5);
            reader.socket.pause();
            await sleep(100);
          }
        }
      }
      for (const reader of readers) {
        expect(reader.all('done')).toEqual([]);
        reader.socket.terminate();
      }
    });
  }, 60_000);

  it.each<[string, Buffer, number]>([
    ['text that is not UTF-8', frame(Buffer.from([0x22, 0xff, 0x22])), 1007],
    ['half a character at the end', frame(Buffer.from([0x22, 0xe2, 0x82])), 1007],
    ['a frame that is not masked', frame(Buffer.from('{}'), { isMasked: false }), 1002],
    ['an unknown kind of frame', frame(Buffer.from('{}'), { head: 0x83 }), 1002],
    ['a bit that no extension claims', frame(Buffer.from('{}'), { head: 0xc1 }), 1002],
    ['a ping in two pieces', frame(Buffer.from('{}'), { head: 0x09 }), 1002],
    ['a continuation of nothing', frame(Buffer.from('{}'), { head: 0x80 }), 1002],
    [
      'a frame that says it is 2^62 bytes long',
      Buffer.from([0x81, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0]),
      1009,
    ],
    ['twenty messages that mean nothing', Buffer.concat(Array<Buffer>(20).fill(frame(Buffer.from('{')))), 4400], // prettier-ignore
    ['bytes that are no frames', Buffer.alloc(200, 0xf5), 1002],
  ])(
    'is not harmed by %s',
    async (_, bytes, code) => {
      await expectUnharmedBy(async () => {
        const sockets = await Promise.all(Array.from({ length: 4 }, () => openRaw()));
        const codes = sockets.map(closeCode);
        for (const socket of sockets) {
          socket.write(bytes);
        }
        expect(await Promise.all(codes)).toEqual([code, code, code, code]);
      });
    },
    60_000,
  );

  it('is not harmed by messages that are too long, or endless', async () => {
    await expectUnharmedBy(async () => {
      const large = await openLive(server.url, PATH);
      large.socket.send(`"${'a'.repeat(4_096 * 6 + 65_536)}"`);
      expect(await large.closed).toBe(1009);
      // many pieces, of which each is small enough
      const pieces = await openLive(server.url, PATH);
      for (let piece = 0; piece < 100; piece++) {
        pieces.socket.send('a'.repeat(2_000), { fin: false });
      }
      expect(await pieces.closed).toBe(1009);
    });
  }, 60_000);

  it('is not harmed by connections that are opened by half or closed by half', async () => {
    await expectUnharmedBy(async () => {
      const waiting = Array.from({ length: 50 }, () => {
        const socket = connect(server.port, '127.0.0.1');
        socket.on('error', () => undefined);
        socket.write(`GET ${PATH} HTTP/1.1\r\nHost: local`);
        return socket;
      });
      const silent = await Promise.all(Array.from({ length: 5 }, () => openRaw()));
      const closed = await Promise.all(Array.from({ length: 5 }, () => openRaw()));
      const push = JSON.stringify({ type: 'push', text: 'Nobody hears the end of this, not one.' });
      for (const socket of closed) {
        socket.write(frame(Buffer.from(push)));
        // its side only: the server may still send
        socket.end();
        socket.resume();
      }
      await Promise.all(closed.map((socket) => once(socket, 'close')));
      // half of a frame, and then nothing
      for (const socket of silent) {
        socket.write(frame(Buffer.from(push)).subarray(0, 20));
      }
      await sleep(300);
      for (const socket of [...waiting, ...silent]) {
        socket.destroy();
      }
    });
  }, 60_000);
});
