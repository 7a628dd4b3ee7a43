import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { SpeechError, toSpeechError } from '../../../base/errors.js';
import type { Caller } from '../callers.js';
import { retryAfterOf } from '../error-handler.js';
import { countFailure } from '../metrics.js';
import { toOpenAiError } from '../openai-error.js';
import { JSON_BYTES_PER_CHARACTER } from '../parse-body.js';
import { requestIdOf } from '../request-log.js';
import { isAllowedOrigin } from '../security.js';
import type { LiveServer } from './live-server.js';
import { SocketGate, type LiveSocket } from './live-socket.js';
import type { SocketProtocol } from './protocol.js';

/** The WebSockets of a server. */
export type Sockets = {
  /**
   * Takes no new ones, and closes each as soon as no speech is open on it.
   *
   * @param signal - Breaks off those that are left.
   * @returns Once all are closed.
   */
  drain(signal: AbortSignal): Promise<void>;
};

type Upgrade = {
  request: IncomingMessage;
  stream: Duplex;
  head: Buffer;
  requestId: string;
  /** The pattern of its path, or `none`. */
  route: string;
};

// other fields, such as a dictionary, are smaller than this
const OTHER_FIELDS_BYTES = 65_536;

const NORMAL_CLOSURE = 1000;

const PING_INTERVAL_MS = 20_000;

/**
 * Serves WebSockets beside the HTTP interface. What is wrong with an upgrade is answered in HTTP, as
 * any other request.
 *
 * @param http - The server they come through.
 * @param live - What they share.
 * @param protocols - What is spoken at which address.
 * @param options - `pingIntervalMs`: how often clients are asked for a sign of life.
 * @returns The open sockets.
 */
export function serveSockets(
  http: Server,
  live: LiveServer,
  protocols: readonly SocketProtocol[],
  options: { pingIntervalMs?: number } = {},
): Sockets {
  const { maxInput, stallTimeoutMs } = live.options;
  const { pingIntervalMs = PING_INTERVAL_MS } = options;
  const routes = protocols.map((protocol) => ({ protocol, pattern: toPattern(protocol.path) }));
  const open = new Set<LiveSocket>();
  const gate = new SocketGate({
    maxPayload: maxInput * JSON_BYTES_PER_CHARACTER + OTHER_FIELDS_BYTES,
    onRefused: (stream, request, error) => {
      const requestId = requestIdOf(request.headers['x-request-id']);
      refuse(live, { request, stream, head: Buffer.alloc(0), requestId, route: 'none' }, error);
    },
  });

  const accept = (upgrade: Upgrade) => {
    const { request, stream, head, requestId } = upgrade;
    const { url, protocol, params } = findRoute(routes, request.url ?? '');
    upgrade.route = `/v1${protocol.path}`;
    if (request.method !== 'GET') {
      throw new SpeechError('METHOD_NOT_ALLOWED', `Use GET, not ${String(request.method)}.`);
    }
    const { corsOrigins } = live.options;
    if (!isAllowedOrigin(request.headers, corsOrigins)) {
      throw new SpeechError(
        'ORIGIN_REFUSED',
        'Pages of this origin may not call the server; --cors-origins names those that may.',
      );
    }
    const caller = findCaller(live, request, protocol);
    if (live.admission.isClosed) {
      throw new SpeechError('SHUTTING_DOWN', 'The server is shutting down; nothing new begins.');
    }
    live.contexts.check();
    const serve = protocol.accept({ url, params, headers: request.headers, requestId, caller });
    const release = live.sockets.take();
    const logger = live.logger.child({ requestId });
    const socket = gate.open(request, stream, head, requestId, {
      stallTimeoutMs,
      pingIntervalMs,
      logger,
      caller,
    });
    if (socket === undefined) {
      release();
      return;
    }
    const startMs = performance.now();
    open.add(socket);
    stream.once('close', () => {
      open.delete(socket);
      release();
      const durationMs = Math.round(performance.now() - startMs);
      logger.info(
        {
          route: upgrade.route,
          closeCode: socket.closeCode,
          durationMs,
          caller: socket.caller?.name,
        },
        'socket',
      );
      live.metrics.requests.inc({ route: upgrade.route, method: 'GET', status: 101 });
    });
    void runSocket(live, socket, serve);
  };

  http.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    // nobody else listens from here on; a broken connection is closed, which is enough
    stream.on('error', () => undefined);
    if (!isWebSocket(request)) {
      serveWithoutUpgrade(http, request, stream, head);
      return;
    }
    const requestId = requestIdOf(request.headers['x-request-id']);
    const upgrade = { request, stream, head, requestId, route: 'none' };
    try {
      accept(upgrade);
    } catch (thrown) {
      refuse(live, upgrade, toSpeechError(thrown));
    }
  });

  return {
    drain: async (signal) => {
      const error = new SpeechError('SHUTTING_DOWN', 'The server is shutting down.');
      const stop = () => {
        for (const socket of open) {
          socket.terminate();
        }
      };
      signal.addEventListener('abort', stop, { once: true });
      for (const socket of open) {
        socket.drain(error);
      }
      await live.sockets.empty();
      signal.removeEventListener('abort', stop);
    },
  };
}

function findCaller(
  { callers }: LiveServer,
  { headers, url }: IncomingMessage,
  { takesKeyLater = false }: SocketProtocol,
): Caller | undefined {
  try {
    return callers.findCaller(headers, url);
  } catch (error) {
    if (takesKeyLater) {
      return undefined;
    }
    throw error;
  }
}

/** Serves one socket to its end. */
async function runSocket(
  live: LiveServer,
  socket: LiveSocket,
  serve: (socket: LiveSocket) => Promise<void>,
): Promise<void> {
  try {
    await serve(socket);
    await socket.untilSent();
    socket.close(NORMAL_CLOSURE);
  } catch (thrown) {
    const error = toSpeechError(thrown);
    if (!socket.isClosed) {
      countFailure(live.metrics, error.code);
      socket.logger.error({ code: error.code }, 'socket failed');
    }
    socket.close(error.closeCode, error.code);
  }
}

/** Answers an upgrade in HTTP and closes the connection. */
function refuse(live: LiveServer, upgrade: Upgrade, error: SpeechError): void {
  const { stream, requestId, route, request } = upgrade;
  const { status, code } = error;
  const retryAfter = retryAfterOf(error);
  const body = JSON.stringify(toOpenAiError(error));
  const headers = {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
    'X-Request-Id': requestId,
    ...(status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
    ...(status === 405 ? { Allow: 'GET' } : {}),
    ...(retryAfter === undefined ? {} : { 'Retry-After': retryAfter }),
  };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  stream.once('finish', () => stream.destroy());
  stream.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${head.join('')}\r\n${body}`);
  countFailure(live.metrics, code);
  live.metrics.requests.inc({ route, method: request.method ?? 'none', status });
  live.logger.info({ requestId, route, status, code }, 'upgrade refused');
}

function findRoute(
  routes: readonly { protocol: SocketProtocol; pattern: RegExp }[],
  address: string,
): { url: URL; protocol: SocketProtocol; params: Record<string, string> } {
  try {
    const url = new URL(address, 'http://localhost');
    for (const { protocol, pattern } of routes) {
      const match = pattern.exec(url.pathname);
      if (match !== null) {
        const params = Object.entries(match.groups ?? {});
        const decoded = params.map(([name, value]) => [name, decodeURIComponent(value)]);
        return { url, protocol, params: Object.fromEntries(decoded) as Record<string, string> };
      }
    }
  } catch {
    // an address that cannot be decoded is that of nothing
  }
  throw new SpeechError('ROUTE_NOT_FOUND', 'There is no WebSocket at this address.');
}

function toPattern(path: string): RegExp {
  return new RegExp(`^(?:/v1)?${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}/?$`);
}

function isWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}

/**
 * Serves a request that offers another protocol, such as HTTP/2, as if it did not: with a listener for
 * upgrades, Node hands them all to it. The connection goes back to the server with the request's head,
 * less the offer, before what was not read yet.
 */
function serveWithoutUpgrade(
  http: Server,
  request: IncomingMessage,
  stream: Duplex,
  head: Buffer,
): void {
  const lines = [`${request.method ?? ''} ${request.url ?? ''} HTTP/${request.httpVersion}`];
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index]!;
    if (name.toLowerCase() !== 'upgrade') {
      lines.push(`${name}: ${request.rawHeaders[index + 1]!}`);
    }
  }
  const bytes = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  stream.unshift(Buffer.concat([bytes, head]));
  http.emit('connection', stream);
}
