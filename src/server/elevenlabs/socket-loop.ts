import { SpeechError, toSpeechError } from '../../../base/errors.js';
import type { LiveServer } from '../live/live-server.js';
import type { LiveSocket } from '../live/live-socket.js';
import { countFailure } from '../metrics.js';
import { readClientMessage, type ClientMessage } from './client-message.js';
import { closeWithError } from './socket-error.js';

/** How long a client that has not shown its key may send nothing, in ms. */
const STRANGER_MS = 20_000;

/**
 * Reads a socket to its end. The first message must bring the API key if the upgrade did not; what
 * breaks the protocol's rules closes the socket.
 *
 * @param live - The server.
 * @param socket - The socket.
 * @param options - `inactivityMs`: how long the client may send
 * nothing; then `onInactive` is called, once.
 * @param handle - Takes each message, one after the other; what it throws closes the socket.
 */
export async function readMessages(
  live: LiveServer,
  socket: LiveSocket,
  options: { inactivityMs: number; onInactive: () => void },
  handle: (message: ClientMessage) => Promise<void>,
): Promise<void> {
  const refuse = () => {
    closeWithError(socket, inactive());
  };
  let timer =
    socket.caller !== undefined
      ? setTimeout(options.onInactive, options.inactivityMs)
      : setTimeout(refuse, STRANGER_MS);
  try {
    for await (const data of socket.messages()) {
      const message = readClientMessage(data);
      if (socket.caller === undefined) {
        socket.caller = live.callers.findKey([message.apiKey ?? '']);
        clearTimeout(timer);
        timer = setTimeout(options.onInactive, options.inactivityMs);
      }
      timer.refresh();
      await handle(message);
    }
  } catch (thrown) {
    const error = toSpeechError(thrown);
    if (socket.isClosed) {
      return;
    }
    countFailure(live.metrics, error.code);
    socket.logger.info({ code: error.code }, 'message refused');
    closeWithError(socket, error);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Makes the error of a client that sends nothing for too long.
 *
 * @returns `INPUT_TIMEOUT`.
 */
export function inactive(): SpeechError {
  return new SpeechError(
    'INPUT_TIMEOUT',
    'No message came for as long as inactivity_timeout allows; an empty text keeps the socket open.',
  );
}
