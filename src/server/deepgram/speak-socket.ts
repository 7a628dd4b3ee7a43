import { z } from 'zod';
import { SpeechError, toSpeechError } from '../../../base/errors.js';
import { GarbageCount } from '../live/garbage.js';
import type { LiveServer } from '../live/live-server.js';
import { LiveSession, type LiveListener } from '../live/live-session.js';
import type { LiveSocket } from '../live/live-socket.js';
import type { SocketProtocol } from '../live/protocol.js';
import { readJson } from '../live/read-json.js';
import { DEFAULT_MODEL } from '../models.js';
import { readSpeakQuery, type SpeakQuery } from './speak-query.js';

const MESSAGE = z.discriminatedUnion('type', [
  z.object({ type: z.literal('Speak'), text: z.string() }),
  z.object({ type: z.literal('Flush') }),
  z.object({ type: z.literal('Clear') }),
  z.object({ type: z.literal('Close') }),
]);

/** Deepgram's limit: so many flushes within so long. */
const MAX_FLUSHES = 20;
const FLUSH_WINDOW_MS = 60_000;

/** Deepgram's models have one each; ours has none. */
export const NIL_UUID = '00000000-0000-0000-0000-000000000000';

/** Deepgram's close code for what failed on the server's side. */
const SERVER_ERROR = 1011;

/**
 * Deepgram's protocol for live speech, `GET /v1/speak`; docs/live.md describes it.
 *
 * @param live - The server.
 * @returns The protocol.
 */
export function deepgramProtocol(live: LiveServer): SocketProtocol {
  return {
    path: '/speak',
    accept: ({ url, requestId }) => {
      const query = readSpeakQuery(url.searchParams, live.engine.voices);
      return (socket) => new SpeakConnection(live, socket, query).serve(requestId);
    },
  };
}

class SpeakConnection {
  readonly #live: LiveServer;
  readonly #socket: LiveSocket;
  readonly #query: SpeakQuery;
  readonly #garbage = new GarbageCount();
  readonly #allDone: Promise<void>;
  #tellAllDone: () => void = () => undefined;
  /** When the flushes of the last minute came. */
  #flushesMs: number[] = [];
  #session: LiveSession | undefined;
  #sequence = 0;

  constructor(live: LiveServer, socket: LiveSocket, query: SpeakQuery) {
    this.#live = live;
    this.#socket = socket;
    this.#query = query;
    this.#allDone = new Promise((resolve) => {
      this.#tellAllDone = resolve;
    });
  }

  /** Serves the socket until it is closed, or all is spoken after `Close`. */
  async serve(requestId: string): Promise<void> {
    this.#socket.send({
      type: 'Metadata',
      request_id: requestId,
      model_name: this.#query.voice,
      model_version: DEFAULT_MODEL,
      model_uuid: NIL_UUID,
    });
    if (this.#query.isSubstitute) {
      this.#warn('VOICE_UNKNOWN', `There is no such voice here; ${this.#query.voice} speaks.`);
    }
    await Promise.race([this.#read(), this.#allDone]);
  }

  async #read(): Promise<void> {
    for await (const text of this.#socket.messages()) {
      try {
        await this.#handle(text);
      } catch (thrown) {
        const error = toSpeechError(thrown);
        this.#warn(error.code, error.message);
        if (error.code === 'BODY_INVALID') {
          this.#garbage.add();
        }
      }
    }
  }

  async #handle(text: string | Uint8Array): Promise<void> {
    const result = MESSAGE.safeParse(readJson(text));
    if (!result.success) {
      const known = 'a Speak with its text, Flush, Clear or Close';
      throw new SpeechError('BODY_INVALID', `The message must be ${known}.`);
    }
    const message = result.data;
    switch (message.type) {
      case 'Speak':
        this.#session ??= await LiveSession.open(
          this.#live,
          this.#socket,
          { voice: this.#query.voice, speed: this.#query.speed, format: this.#query.format },
          this.#listen(),
        );
        this.#session.push(message.text);
        break;
      case 'Flush':
        this.#flush();
        break;
      case 'Clear':
        this.#session?.cancel();
        this.#session = undefined;
        this.#socket.send({ type: 'Cleared', sequence_id: this.#sequence++ });
        break;
      case 'Close':
        if (this.#session === undefined) {
          this.#tellAllDone();
        } else {
          this.#session.finish();
        }
        break;
    }
  }

  #flush(): void {
    const nowMs = performance.now();
    this.#flushesMs = this.#flushesMs.filter((flushMs) => flushMs > nowMs - FLUSH_WINDOW_MS);
    if (this.#flushesMs.length >= MAX_FLUSHES) {
      this.#warn(
        'EXCESSIVE_FLUSHES',
        `Flush was sent more than ${MAX_FLUSHES} times in ${FLUSH_WINDOW_MS / 1000} seconds; this one is ignored.`,
      );
      return;
    }
    this.#flushesMs.push(nowMs);
    if (this.#session === undefined) {
      this.#sendFlushed();
    } else {
      this.#session.flush();
    }
  }

  #listen(): LiveListener {
    return {
      audio: ({ bytes }) => {
        if (bytes.length > 0) {
          this.#socket.send(bytes);
        }
      },
      flushed: () => {
        this.#sendFlushed();
      },
      done: () => {
        this.#tellAllDone();
      },
      failed: (error) => {
        this.#socket.send({ type: 'Error', description: error.message, code: error.code });
        this.#socket.close(SERVER_ERROR, error.code);
      },
    };
  }

  #sendFlushed(): void {
    this.#socket.send({ type: 'Flushed', sequence_id: this.#sequence++ });
  }

  #warn(code: string, description: string): void {
    this.#socket.send({ type: 'Warning', description, code });
  }
}
