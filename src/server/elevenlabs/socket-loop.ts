import { SpeechError, toSpeechError } from '../../../base/errors.js';
import type { LiveServer } from '../live/live-server.js';
import type { LiveSocket } from '../live/live-socket.js';
import { isSameKey } from '../security.js';
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
 * @param options - `hasKey`: whether the upgrade had it. `inactivityMs`: how long the client may send
 * nothing; then `onInactive` is called, once.
 * @param handle - Takes each message, one after the other; what it throws closes the socket.
 */
export async function readMessages(
  live: LiveServer,
  socket: LiveSocket,
  options: { hasKey: boolean; inactivityMs: number; onInactive: () => void },
  handle: (message: ClientMessage) => Promise<void>,
): Promise<void> {
  const { apiKey } = live.options;
  let { hasKey } = options;
  const refuse = () => {
    closeWithError(socket, inactive());
  };
  let timer = hasKey
    ? setTimeout(options.onInactive, options.inactivityMs)
    : setTimeout(refuse, STRANGER_MS);
  try {
    for await (const data of socket.messages()) {
      const message = readClientMessage(data);
      if (!hasKey && apiKey !== undefined) {
        checkKey(message, apiKey);
        hasKey = true;
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
    live.metrics.failures.inc({ code: error.code });
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

function checkKey(message: ClientMessage, apiKey: string): void {
  if (!isSameKey(message.apiKey ?? '', apiKey)) {
    throw new SpeechError(
      'API_KEY_INVALID',
      'The API key is missing or wrong; send it as the header "xi-api-key: KEY" or in the first message.',
    );
  }
}
