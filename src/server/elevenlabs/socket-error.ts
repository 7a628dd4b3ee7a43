import type { SpeechError } from '../../../base/errors.js';
import type { LiveSocket } from '../live/live-socket.js';
import { toElevenLabsError } from './error-body.js';

/** RFC 6455's code for what the server's rules forbid, which ElevenLabs uses for all clients' errors. */
const POLICY_VIOLATION = 1008;

/** A failure as a message of ElevenLabs' WebSockets. */
export type SocketErrorMessage = { error: string; message: string; code: number };

/**
 * Puts a failure into the shape of a message.
 *
 * @param error - The failure.
 * @returns The message; `code` is that with which the socket would be closed.
 */
export function toSocketError(error: SpeechError): SocketErrorMessage {
  const { status, message } = toElevenLabsError(error).detail;
  const code = error.status < 500 ? POLICY_VIOLATION : error.closeCode;
  return { error: status, message, code };
}

/**
 * Tells a client what is wrong and closes its socket.
 *
 * @param socket - The socket.
 * @param error - What is wrong.
 */
export function closeWithError(socket: LiveSocket, error: SpeechError): void {
  const message = toSocketError(error);
  socket.send(message);
  socket.close(message.code, message.error);
}
