import { setMaxListeners } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SpeechError } from '../../base/errors.js';
import type { CommandEngine } from '../cli/load-engine.js';
import { createApp } from './app.js';
import { createContext } from './context.js';
import { deepgramProtocol } from './deepgram/speak-socket.js';
import { multiStreamInputProtocol } from './elevenlabs/multi-stream-input.js';
import { streamInputProtocol } from './elevenlabs/stream-input.js';
import type { ServerOptions } from './options.js';
import { createLiveServer } from './live/live-server.js';
import { nativeProtocol } from './live/native-protocol.js';
import { serveSockets } from './live/sockets.js';

/** A server that is listening. */
export type RunningServer = {
  /** Its base address, such as `http://127.0.0.1:8080`. */
  url: string;
  port: number;
  /**
   * Takes no new requests, lets running responses and live speeches finish for `drainTimeoutMs`, then
   * breaks them off, and closes the engine. Safe to call twice.
   */
  close(): Promise<void>;
};

/**
 * Starts the HTTP server.
 *
 * @param engine - What speaks; the server closes it in the end.
 * @param options - See `resolveServerOptions`.
 * @returns The server, once it accepts connections.
 * @throws {SpeechError} `PORT_UNAVAILABLE` if it cannot listen there; what reading a dictionary throws.
 */
export async function startServer(
  engine: CommandEngine,
  options: ServerOptions,
): Promise<RunningServer> {
  const context = await createContext(engine, options);
  const { admission, codecs, decoders, encoders, logger, metrics } = context;
  const stopping = new AbortController();
  // every open response listens
  setMaxListeners(0, stopping.signal);
  const app = createApp(context, stopping.signal);
  // a request may last as long as its audio; the routes bound the time of bodies
  const server = createServer({ requestTimeout: 0, headersTimeout: HEADERS_TIMEOUT_MS }, app);
  // who asks before they send the body is answered by the routes too
  server.on('checkContinue', app);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const live = createLiveServer(context);
  const sockets = serveSockets(server, live, [
    nativeProtocol(live),
    deepgramProtocol(live),
    streamInputProtocol(live),
    multiStreamInputProtocol(live),
  ]);
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  const url = `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`;
  const hasFfmpeg = await encoders.warmUp();
  logger.info({ url, device: engine.device, hasFfmpeg }, 'listening');

  const close = async () => {
    logger.info({ running: admission.running }, 'shutting down');
    admission.close();
    codecs.admission.close();
    // those that keep a connection learn with its end that they need another server; the server itself
    // listens on, so that new requests are told so
    server.closeIdleConnections();
    const timer = setTimeout(() => {
      stopping.abort();
    }, options.drainTimeoutMs);
    await Promise.all([admission.idle(), codecs.admission.idle(), sockets.drain(stopping.signal)]);
    const closed = new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
    encoders.close();
    decoders.close();
    clearTimeout(timer);
    // what is left are clients that have their answer but keep the connection
    const lingering = setTimeout(() => {
      server.closeAllConnections();
    }, LINGER_MS);
    await closed;
    clearTimeout(lingering);
    metrics.registry.clear();
    await engine.close();
  };
  let closing: Promise<void> | undefined;
  return { url, port, close: () => (closing ??= close()) };
}

const HEADERS_TIMEOUT_MS = 60_000;

const LINGER_MS = 500;

// longer than clients and proxies (60 s) keep a connection: else one is closed as a request comes on it
const KEEP_ALIVE_MS = 65_000;

async function listen(server: Server, { host, port }: ServerOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const reason = cause.code ?? 'unknown';
      reject(
        new SpeechError(
          'PORT_UNAVAILABLE',
          `Cannot listen on ${host} port ${port} (${reason}).`,
          { host, port, reason },
          { cause },
        ),
      );
    });
    server.listen(port, host, resolve);
  });
}
