import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from '../callers.js';
import type { LiveSocket } from './live-socket.js';

/** An upgrade as its protocol sees it. */
export type SocketRequest = {
  /** Path and query; the host means nothing. */
  url: URL;
  /** Parts of the path by their names in {@link SocketProtocol.path}, decoded. */
  params: Readonly<Record<string, string>>;
  headers: IncomingHttpHeaders;
  /** What answer and log name. */
  requestId: string;
  /** Who asks; unknown as long as a key may follow. */
  caller: Caller | undefined;
};

/** A protocol that is spoken over WebSockets at one address. */
export type SocketProtocol = {
  /** Such as `/speak` or `/text-to-speech/:voice/stream-input`; below `/v1`, which may be left out. */
  path: string;
  /** Whether the key may come in a message: an upgrade without one is let in, `caller` says so. */
  takesKeyLater?: boolean;
  /**
   * Checks an upgrade.
   *
   * @returns What then serves the socket. When its promise resolves, the socket is closed with 1000
   * unless it is closed already; when it rejects, with the error's own code.
   * @throws {SpeechError} What the upgrade is refused with.
   */
  accept(request: SocketRequest): (socket: LiveSocket) => Promise<void>;
};
