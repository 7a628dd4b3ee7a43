import type { SpeechError } from '../../../base/errors.js';
import type { LiveServer } from '../live/live-server.js';
import type { LiveSocket } from '../live/live-socket.js';
import type { SocketProtocol } from '../live/protocol.js';
import { closeWithError, toSocketError } from './socket-error.js';
import { inactive, readMessages } from './socket-loop.js';
import { readSocketRequest, type SocketSettings } from './socket-request.js';
import { SpokenContext } from './spoken-context.js';

/** What opens a speech and is not spoken. */
export const OPENING_TEXT = ' ';

/**
 * ElevenLabs' WebSocket for one speech, `/v1/text-to-speech/:voice/stream-input`.
 *
 * @param live - The server.
 * @returns The protocol.
 */
export function streamInputProtocol(live: LiveServer): SocketProtocol {
  return {
    path: '/text-to-speech/:voice/stream-input',
    takesKeyLater: true,
    accept: (request) => {
      const settings = readSocketRequest(request, live.engine.voices);
      return (socket) => serve(live, socket, settings);
    },
  };
}

async function serve(
  live: LiveServer,
  socket: LiveSocket,
  settings: SocketSettings,
): Promise<void> {
  let speech: SpokenContext | undefined;
  let isInactive = false;
  const onEnd = (error?: SpeechError) => {
    if (error !== undefined) {
      // the client was told
      socket.close(toSocketError(error).code, error.code);
    } else if (isInactive) {
      closeWithError(socket, inactive());
    } else {
      socket.close(1000);
    }
  };
  const onInactive = () => {
    if (speech?.isFinished === true) {
      return;
    }
    isInactive = true;
    // what was sent is spoken first
    if (speech === undefined) {
      onEnd();
    } else {
      speech.finish();
    }
  };
  const { inactivityMs } = settings;
  await readMessages(live, socket, { inactivityMs, onInactive }, async (message) => {
    const { text = '', flush, speed } = message;
    const isFirst = speech === undefined;
    speech ??= await SpokenContext.open(live, socket, { ...settings, speed }, { ids: {}, onEnd });
    if (speech.isFinished) {
      return;
    }
    speech.push(isFirst && text === OPENING_TEXT ? '' : text, flush);
    // an empty text is the end, unless it comes with what keeps the socket open
    if (message.text === '' && !flush) {
      speech.finish();
    }
  });
}
