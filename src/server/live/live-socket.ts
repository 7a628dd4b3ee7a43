import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { WebSocketServer, type WebSocket } from 'ws';
import { SpeechError } from '../../../base/errors.js';
import type { Caller } from '../callers.js';

/** What a socket needs to know. */
export type SocketOptions = {
  /** How long a client may read nothing while data waits for it, in ms. */
  stallTimeoutMs: number;
  /** Time between two pings, in ms. */
  pingIntervalMs: number;
  /** Of this socket: every line names its request. */
  logger: Logger;
  /** Who opened it; unknown as long as its key may follow. */
  caller: Caller | undefined;
};

/** Something that a socket's end ends. */
type Session = { cancel(): unknown };

/** Bytes that may wait to be sent before those who make more have to wait. */
const MAX_WAITING_BYTES = 262_144;
/** Messages that may wait to be handled before no more are read. */
const MAX_WAITING_MESSAGES = 64;
/** Pings that may go unanswered. */
const MAX_MISSED_PINGS = 2;
/** How long a client may take to answer a close, in ms. */
const LINGER_MS = 2_000;
/** RFC 6455 allows so many bytes for the reason of a close. */
const MAX_REASON_BYTES = 123;

/** A WebSocket of one client. This is the only module of the server that knows the library. */
export class LiveSocket {
  readonly logger: Logger;
  /** Who opened it; a protocol whose key comes in a message sets it then. */
  caller: Caller | undefined;
  readonly #socket: WebSocket;
  readonly #stream: Duplex;
  readonly #stallTimeoutMs: number;
  readonly #sessions = new Set<Session>();
  readonly #messages: (string | Buffer)[] = [];
  readonly #pings: NodeJS.Timeout;
  #wake: (() => void) | undefined;
  #isClosed = false;
  #closeCode = 1006;
  #lingering: NodeJS.Timeout | undefined;
  #drainError: SpeechError | undefined;
  #numMissedPings = 0;
  /** When the client can have played all audio that it was sent. */
  #playedMs = 0;

  /**
   * @param socket - The library's, open.
   * @param stream - The connection below it.
   * @param options - Timeouts and logger.
   */
  constructor(socket: WebSocket, stream: Duplex, options: SocketOptions) {
    this.logger = options.logger;
    this.caller = options.caller;
    this.#socket = socket;
    this.#stream = stream;
    this.#stallTimeoutMs = options.stallTimeoutMs;
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      this.#receive(isBinary ? data : data.toString('utf8'));
    });
    socket.on('pong', () => {
      this.#numMissedPings = 0;
    });
    socket.on('error', (error: Error & { code?: string }) => {
      // the library closes with the code that RFC 6455 has for it
      this.logger.info({ reason: error.code ?? error.name }, 'socket broken');
    });
    socket.once('close', (code: number) => {
      this.#closeCode = code;
      this.#end();
    });
    this.#pings = setInterval(() => {
      this.#ping();
    }, options.pingIntervalMs);
  }

  /** Whether nothing can be sent any more. */
  get isClosed(): boolean {
    return this.#isClosed || this.#socket.readyState !== this.#socket.OPEN;
  }

  /** The code that the connection was closed with; 1006 while it is open, and if it broke. */
  get closeCode(): number {
    return this.#closeCode;
  }

  /** Live speeches that are open on this socket. */
  get numSessions(): number {
    return this.#sessions.size;
  }

  /**
   * What the client sends: strings, and bytes of binary messages. While nobody takes them, it is not
   * read on. Ends when the socket is closed.
   */
  async *messages(): AsyncGenerator<string | Buffer, void, undefined> {
    while (!this.#isClosed) {
      const message = this.#messages.shift();
      if (message !== undefined) {
        if (this.#messages.length < MAX_WAITING_MESSAGES && this.#socket.isPaused) {
          this.#socket.resume();
        }
        yield message;
        continue;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /**
   * Sends a message; does nothing once the socket is closed.
   *
   * @param message - An object to send as JSON text, or bytes to send as they are.
   */
  send(message: object): void {
    if (!this.isClosed) {
      const data = message instanceof Uint8Array ? message : JSON.stringify(message);
      // a failure closes the socket, which says all there is to say
      this.#socket.send(data, () => undefined);
    }
  }

  /** Whether the client has much to read before more should be made. */
  get isBehind(): boolean {
    return !this.#isClosed && this.#socket.bufferedAmount > MAX_WAITING_BYTES;
  }

  /** Waits until the client has read most of what it was sent; breaks it off if it reads nothing. */
  async untilDrained(): Promise<void> {
    await this.#untilRead(MAX_WAITING_BYTES);
  }

  /** Waits likewise, until next to nothing is left to read. */
  async untilSent(): Promise<void> {
    await this.#untilRead(this.#stream.writableHighWaterMark);
  }

  /** @param maxBytes - At least what the stream takes before it says that it is full. */
  async #untilRead(maxBytes: number): Promise<void> {
    if (this.#isClosed || this.#socket.bufferedAmount <= maxBytes) {
      return;
    }
    await new Promise<void>((resolve) => {
      const stop = () => {
        clearTimeout(timer);
        this.#stream.off('drain', stop);
        this.#stream.off('close', stop);
        resolve();
      };
      const timer = setTimeout(() => {
        this.logger.info({ reason: 'stalled' }, 'socket broken');
        this.terminate();
        stop();
      }, this.#stallTimeoutMs);
      this.#stream.on('drain', stop);
      this.#stream.on('close', stop);
    });
  }

  /** Tells that the client was sent audio, which it may read only as fast as it plays it. */
  expectListening(durationMs: number): void {
    this.#playedMs = Math.max(this.#playedMs, performance.now()) + durationMs;
  }

  /** Adds a session, which is cancelled when the socket is closed. */
  join(session: Session): void {
    this.#sessions.add(session);
  }

  /** Removes a session that is over. */
  leave(session: Session): void {
    this.#sessions.delete(session);
    // not before its last message was sent
    setImmediate(() => {
      this.#closeDrained();
    });
  }

  /** Closes the socket with this error as soon as no session is open. */
  drain(error: SpeechError): void {
    this.#drainError = error;
    this.#closeDrained();
  }

  /**
   * Closes the socket after what was sent; its sessions are cancelled at once.
   *
   * @param code - RFC 6455's or one of ours.
   * @param reason - At most 123 bytes count.
   */
  close(code: number, reason = ''): void {
    if (!this.isClosed) {
      const cut = Buffer.from(reason).subarray(0, MAX_REASON_BYTES);
      this.#socket.close(code, cut);
      this.#lingering = setTimeout(() => {
        this.terminate();
      }, LINGER_MS);
    }
    this.#cancelSessions();
    this.#wake?.();
  }

  /** Breaks the connection. */
  terminate(): void {
    this.#socket.terminate();
  }

  #receive(message: string | Buffer): void {
    this.#numMissedPings = 0;
    this.#messages.push(message);
    if (this.#messages.length >= MAX_WAITING_MESSAGES) {
      this.#socket.pause();
    }
    this.#wake?.();
  }

  #ping(): void {
    // pings and their answers wait where data does
    const isWaiting = this.#socket.bufferedAmount > 0 || this.#socket.isPaused;
    if (isWaiting || performance.now() < this.#playedMs) {
      return;
    }
    if (this.#numMissedPings >= MAX_MISSED_PINGS) {
      this.logger.info({ reason: 'silent' }, 'socket broken');
      this.terminate();
      return;
    }
    this.#numMissedPings++;
    this.#socket.ping();
  }

  #closeDrained(): void {
    if (this.#drainError !== undefined && this.#sessions.size === 0) {
      const { closeCode, code } = this.#drainError;
      void this.untilSent().then(() => {
        this.close(closeCode, code);
      });
    }
  }

  #cancelSessions(): void {
    for (const session of [...this.#sessions]) {
      session.cancel();
    }
  }

  #end(): void {
    this.#isClosed = true;
    clearInterval(this.#pings);
    clearTimeout(this.#lingering);
    this.#cancelSessions();
    this.#messages.length = 0;
    this.#wake?.();
  }
}

/** Makes WebSockets of HTTP connections. */
export class SocketGate {
  readonly #server: WebSocketServer;
  readonly #requestIds = new WeakMap<IncomingMessage, string>();

  /**
   * @param options - `maxPayload`: longest message in bytes; a longer one closes the socket with 1009.
   * `onRefused`: answers an upgrade that RFC 6455 does not allow.
   */
  constructor(options: {
    maxPayload: number;
    onRefused: (stream: Duplex, request: IncomingMessage, error: SpeechError) => void;
  }) {
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      // speech does not compress, and text is short
      perMessageDeflate: false,
      maxPayload: options.maxPayload,
    });
    this.#server.on('wsClientError', (_: Error, stream: Duplex, request: IncomingMessage) => {
      const error = new SpeechError('BODY_INVALID', 'The WebSocket handshake is not valid.');
      options.onRefused(stream, request, error);
    });
    this.#server.on('headers', (headers: string[], request: IncomingMessage) => {
      headers.push(`X-Request-Id: ${this.#requestIds.get(request) ?? ''}`);
    });
  }

  /**
   * Answers an upgrade.
   *
   * @param request - The upgrade; of the subprotocols it offers, the first is taken.
   * @param stream - Its connection.
   * @param head - What came after its head.
   * @param requestId - What the answer names.
   * @param options - Of the socket.
   * @returns The socket, or undefined if the upgrade was refused.
   */
  open(
    request: IncomingMessage,
    stream: Duplex,
    head: Buffer,
    requestId: string,
    options: SocketOptions,
  ): LiveSocket | undefined {
    this.#requestIds.set(request, requestId);
    let opened: LiveSocket | undefined;
    this.#server.handleUpgrade(request, stream, head, (socket) => {
      opened = new LiveSocket(socket, stream, options);
    });
    return opened;
  }
}
