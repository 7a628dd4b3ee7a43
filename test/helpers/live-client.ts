import { once } from 'node:events';
import { WebSocket, type ClientOptions } from 'ws';
import { waitUntil } from './processes.js';

/** A JSON message of a server. */
export type ServerMessage = { type: string; [field: string]: unknown };

/** A WebSocket client under test. */
export type LiveClient = {
  socket: WebSocket;
  /** All that came, binary messages as bytes. */
  received: (ServerMessage | Buffer)[];
  /** The JSON messages of a type so far. */
  all: (type: string) => ServerMessage[];
  /** All binary messages so far, joined. */
  bytes: () => Buffer;
  send: (message: object | string) => void;
  /** Waits for so many messages of a type. @returns the last of them. */
  wait: (type: string, count?: number) => Promise<ServerMessage>;
  /** The code that the socket is closed with. */
  closed: Promise<number>;
};

/**
 * Opens a WebSocket.
 *
 * @param url - Of the server, `http:`.
 * @param path - Where.
 * @param options - Headers, subprotocols and what else `ws` takes.
 * @returns The client, once it is open.
 * @throws What `ws` fails with, if the server refuses.
 */
export async function openLive(
  url: string,
  path: string,
  { protocols = [], ...options }: ClientOptions & { protocols?: string[] } = {},
): Promise<LiveClient> {
  const socket = new WebSocket(url.replace('http', 'ws') + path, protocols, options);
  const received: (ServerMessage | Buffer)[] = [];
  socket.on('message', (data: Buffer, isBinary) => {
    received.push(isBinary ? data : (JSON.parse(data.toString()) as ServerMessage));
  });
  const closed = once(socket, 'close').then(([code]) => code as number);
  closed.catch(() => undefined);
  await once(socket, 'open');
  socket.on('error', () => undefined);
  const all = (type: string) =>
    received.filter(
      (message): message is ServerMessage => !Buffer.isBuffer(message) && message.type === type,
    );
  return {
    socket,
    received,
    all,
    bytes: () => Buffer.concat(received.filter((message) => Buffer.isBuffer(message))),
    send: (message) => {
      socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    },
    wait: async (type, count = 1) => {
      await waitUntil(() => all(type).length >= count, 20_000);
      return all(type)[count - 1]!;
    },
    closed,
  };
}

/**
 * Tries to open a WebSocket that the server refuses.
 *
 * @param url - Of the server, `http:`.
 * @param path - Where.
 * @param options - As `openLive` takes them.
 * @returns The HTTP answer.
 */
export async function refusedLive(
  url: string,
  path: string,
  { protocols = [], ...options }: ClientOptions & { protocols?: string[] } = {},
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; code: string }> {
  const socket = new WebSocket(url.replace('http', 'ws') + path, protocols, options);
  socket.on('error', () => undefined);
  const [, response] = (await once(socket, 'unexpected-response')) as [
    unknown,
    import('node:http').IncomingMessage,
  ];
  let body = '';
  for await (const part of response) {
    body += String(part);
  }
  const { error } = JSON.parse(body) as { error: { code: string } };
  return { status: response.statusCode ?? 0, headers: response.headers, code: error.code };
}
