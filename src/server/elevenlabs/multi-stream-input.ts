import { SpeechError, toSpeechError } from '../../../base/errors.js';
import type { LiveServer } from '../live/live-server.js';
import type { LiveSocket } from '../live/live-socket.js';
import type { SocketProtocol } from '../live/protocol.js';
import { countFailure } from '../metrics.js';
import type { ClientMessage } from './client-message.js';
import { closeWithError, toSocketError } from './socket-error.js';
import { inactive, readMessages } from './socket-loop.js';
import { readSocketRequest, type SocketSettings } from './socket-request.js';
import { SpokenContext } from './spoken-context.js';
import { OPENING_TEXT } from './stream-input.js';

/** The context of messages that name none. */
const DEFAULT_CONTEXT = 'default';

/**
 * ElevenLabs' WebSocket for several speeches at once,
 * `/v1/text-to-speech/:voice/multi-stream-input`, which Pipecat and LiveKit speak.
 *
 * @param live - The server.
 * @returns The protocol.
 */
export function multiStreamInputProtocol(live: LiveServer): SocketProtocol {
  return {
    path: '/text-to-speech/:voice/multi-stream-input',
    takesKeyLater: true,
    accept: (request) => {
      const settings = readSocketRequest(request, live.engine.voices);
      return async (socket) => {
        const { inactivityMs } = settings;
        const contexts = new Contexts(live, socket, settings);
        const onInactive = () => {
          contexts.finish(inactive());
        };
        try {
          await readMessages(live, socket, { inactivityMs, onInactive }, (message) =>
            contexts.handle(message),
          );
        } finally {
          contexts.close();
        }
      };
    },
  };
}

/** A context that is open, and what ends it when nothing comes for it. */
type OpenContext = { speech: SpokenContext; timer: NodeJS.Timeout };

/** The contexts of one socket. */
class Contexts {
  readonly #live: LiveServer;
  readonly #socket: LiveSocket;
  readonly #settings: SocketSettings;
  readonly #open = new Map<string, OpenContext>();
  #isClosing = false;
  #closeError: SpeechError | undefined;

  constructor(live: LiveServer, socket: LiveSocket, settings: SocketSettings) {
    this.#live = live;
    this.#socket = socket;
    this.#settings = settings;
  }

  async handle(message: ClientMessage): Promise<void> {
    if (this.#isClosing) {
      return;
    }
    if (message.closeSocket) {
      this.finish();
      return;
    }
    const { contextId = DEFAULT_CONTEXT } = message;
    if (message.hasVoiceSettings && this.#open.has(contextId)) {
      throw new SpeechError(
        'BODY_INVALID',
        'voice_settings came again; only the first message of a context may have them.',
        { param: 'voice_settings' },
      );
    }
    try {
      await this.#handleContext(contextId, message);
    } catch (thrown) {
      const error = toSpeechError(thrown);
      if (this.#socket.isClosed) {
        return;
      }
      // a context's failure leaves the others alone
      countFailure(this.#live.metrics, error.code);
      this.#socket.send({ ...toSocketError(error), ...idsOf(contextId) });
    }
  }

  /** Closes the socket once all that was sent is spoken; with an error, if there is one. */
  finish(error?: SpeechError): void {
    this.#isClosing = true;
    this.#closeError = error;
    for (const { speech } of this.#open.values()) {
      speech.finish();
    }
    this.#closeIfDone();
  }

  /** Frees what is held for contexts; their speeches end with the socket. */
  close(): void {
    for (const { timer } of this.#open.values()) {
      clearTimeout(timer);
    }
    this.#open.clear();
  }

  async #handleContext(contextId: string, message: ClientMessage): Promise<void> {
    const { text = '', flush, closeContext } = message;
    const known = this.#open.get(contextId);
    known?.timer.refresh();
    if (known === undefined && text === '') {
      // a sign of life, or the end of what is over: nothing to open
      return;
    }
    const { speech } = known ?? (await this.#openContext(contextId, message.speed));
    speech.push(known === undefined && text === OPENING_TEXT ? '' : text, flush);
    if (closeContext) {
      speech.finish();
    }
  }

  async #openContext(contextId: string, speed: number): Promise<OpenContext> {
    const onEnd = () => {
      clearTimeout(this.#open.get(contextId)?.timer);
      this.#open.delete(contextId);
      this.#closeIfDone();
    };
    const settings = { ...this.#settings, speed };
    const options = { ids: idsOf(contextId), onEnd };
    const speech = await SpokenContext.open(this.#live, this.#socket, settings, options);
    // what was sent is spoken
    const timer = setTimeout(() => {
      speech.finish();
    }, this.#settings.inactivityMs);
    const context = { speech, timer };
    this.#open.set(contextId, context);
    return context;
  }

  #closeIfDone(): void {
    if (!this.#isClosing || this.#open.size > 0) {
      return;
    }
    if (this.#closeError === undefined) {
      this.#socket.close(1000);
    } else {
      closeWithError(this.#socket, this.#closeError);
    }
  }
}

/** Clients differ in the name they read. */
function idsOf(contextId: string) {
  return { contextId, context_id: contextId };
}
