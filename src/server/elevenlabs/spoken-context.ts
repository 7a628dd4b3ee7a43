import type { SpeechError } from '../../../base/errors.js';
import type { LiveServer } from '../live/live-server.js';
import { LiveSession, type LiveListener } from '../live/live-session.js';
import type { LiveSocket } from '../live/live-socket.js';
import { CharacterClock, type Alignment } from './character-clock.js';
import { toSocketError } from './socket-error.js';
import type { SocketSettings } from './socket-request.js';

/** One speech of a WebSocket: what is pushed comes back as messages with audio and times. */
export class SpokenContext {
  readonly #socket: LiveSocket;
  readonly #settings: SocketSettings;
  readonly #ids: object;
  readonly #onEnd: (error?: SpeechError) => void;
  readonly #clock = new CharacterClock();
  /** Length of the text at each flush that was not answered yet. */
  readonly #flushOffsets = new Map<number, number>();
  #session!: LiveSession;

  private constructor(
    socket: LiveSocket,
    settings: SocketSettings,
    ids: object,
    onEnd: (error?: SpeechError) => void,
  ) {
    this.#socket = socket;
    this.#settings = settings;
    this.#ids = ids;
    this.#onEnd = onEnd;
  }

  /**
   * Opens a speech.
   *
   * @param live - The server.
   * @param socket - Where messages go.
   * @param settings - `speed` and what the socket's address says.
   * @param options - `ids`: fields that every message carries. `onEnd`: called after the last message,
   * with the error if the speech failed; not if its socket was closed.
   * @returns The speech.
   * @throws {SpeechError} What `LiveSession.open` throws.
   */
  static async open(
    live: LiveServer,
    socket: LiveSocket,
    settings: SocketSettings & { speed: number },
    options: { ids: object; onEnd: (error?: SpeechError) => void },
  ): Promise<SpokenContext> {
    const { voice, format, speed } = settings;
    const context = new SpokenContext(socket, settings, options.ids, options.onEnd);
    context.#session = await LiveSession.open(
      live,
      socket,
      { voice, format, speed },
      context.#listen(),
    );
    return context;
  }

  /** Whether no text may follow. */
  get isFinished(): boolean {
    return this.#session.isFinished || this.#session.isOver;
  }

  /**
   * Takes text.
   *
   * @param text - Joined to what came before as it is.
   * @param isComplete - Whether it is spoken without waiting for more.
   * @throws {SpeechError} What `LiveSession.push` throws; nothing for no text after the end.
   */
  push(text: string, isComplete: boolean): void {
    if (text === '' && this.isFinished) {
      return;
    }
    if (text !== '') {
      this.#session.push(text);
      this.#clock.pushText(text);
    }
    if (isComplete || (this.#settings.autoMode && text !== '')) {
      this.#flushOffsets.set(this.#session.flush(), this.#session.numCharacters);
    }
  }

  /** Tells that no text follows. */
  finish(): void {
    this.#session.finish();
  }

  #listen(): LiveListener {
    return {
      audio: ({ bytes, endSeconds, marks }) => {
        this.#clock.pushAudio(endSeconds, marks);
        if (bytes.length > 0) {
          const { hasCharacters, endsWord } = this.#clock;
          this.#send(bytes, this.#settings.syncAlignment ? hasCharacters : endsWord);
        }
      },
      flushed: (flush) => {
        this.#clock.complete(this.#flushOffsets.get(flush));
        this.#flushOffsets.delete(flush);
        this.#sendRest();
      },
      done: () => {
        this.#clock.complete();
        this.#sendRest();
        this.#socket.send({ audio: null, isFinal: true, ...this.#ids });
        this.#onEnd();
      },
      failed: (error) => {
        this.#socket.send({ ...toSocketError(error), ...this.#ids });
        this.#onEnd(error);
      },
    };
  }

  /** Characters behind the last sound, of which no audio tells. */
  #sendRest(): void {
    if (this.#clock.hasCharacters) {
      this.#send(new Uint8Array(0), true);
    }
  }

  #send(bytes: Uint8Array, hasAlignment: boolean): void {
    const alignment = hasAlignment ? toMessage(this.#clock.take()) : null;
    this.#socket.send({
      audio: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'),
      // what is said for numbers and the like is not told: these are the characters of the text
      normalizedAlignment: alignment,
      alignment,
      ...this.#ids,
    });
  }
}

/** Clients differ in the names they read. */
function toMessage({ characters, startsMs, durationsMs }: Alignment) {
  return {
    chars: characters,
    charStartTimesMs: startsMs,
    charsStartTimesMs: startsMs,
    charDurationsMs: durationsMs,
    charsDurationsMs: durationsMs,
  };
}
