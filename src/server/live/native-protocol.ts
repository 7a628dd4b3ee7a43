import { SpeechError, toSpeechError } from '../../../base/errors.js';
import { roundToMs } from '../../../base/numbers.js';
import { toOpenAiError } from '../openai-error.js';
import { toWordEntry } from '../word-entry.js';
import { GarbageCount } from './garbage.js';
import type { LiveServer } from './live-server.js';
import { LiveSession, type LiveAudio, type LiveListener } from './live-session.js';
import type { LiveSocket } from './live-socket.js';
import { readLiveOptions, readNativeMessage, type NativeMessage } from './native-messages.js';
import type { SocketProtocol } from './protocol.js';

const AUDIO_MODES = ['binary', 'base64'] as const;
type AudioMode = (typeof AUDIO_MODES)[number];

type OpenContext = { session: LiveSession; flushIds: Map<number, string | number> };

/** Contexts that are remembered after their end: what was heard of them may still be asked. */
const MAX_ENDED = 16;

/** RFC 6455's registry: "try again later". */
const TRY_AGAIN_LATER = 1013;

/**
 * Linnet's own protocol for live speech, `GET /v1/audio/speech/live`; docs/live.md describes it.
 *
 * @param live - The server.
 * @returns The protocol.
 */
export function nativeProtocol(live: LiveServer): SocketProtocol {
  return {
    path: '/audio/speech/live',
    accept: ({ url, requestId }) => {
      const mode = readAudioMode(url.searchParams.get('audio'));
      return (socket) => new NativeConnection(live, socket, mode).serve(requestId);
    },
  };
}

function readAudioMode(given: string | null): AudioMode {
  const mode = AUDIO_MODES.find((candidate) => candidate === (given ?? 'binary'));
  if (mode === undefined) {
    throw new SpeechError(
      'OPTION_INVALID',
      `audio is ${JSON.stringify(given?.slice(0, 40))}; it must be one of ${AUDIO_MODES.join(', ')}.`,
      { param: 'audio' },
    );
  }
  return mode;
}

class NativeConnection {
  readonly #live: LiveServer;
  readonly #socket: LiveSocket;
  readonly #mode: AudioMode;
  readonly #open = new Map<string, OpenContext>();
  readonly #ended = new Map<string, LiveSession | undefined>();
  readonly #garbage = new GarbageCount();
  readonly #allDone: Promise<void>;
  #tellAllDone: () => void = () => undefined;
  #isClosing = false;

  constructor(live: LiveServer, socket: LiveSocket, mode: AudioMode) {
    this.#live = live;
    this.#socket = socket;
    this.#mode = mode;
    this.#allDone = new Promise((resolve) => {
      this.#tellAllDone = resolve;
    });
  }

  /** Serves the socket until it is closed, or all is spoken after `close`. */
  async serve(requestId: string): Promise<void> {
    this.#socket.send({ type: 'ready', request_id: requestId, audio: this.#mode });
    await Promise.race([this.#read(), this.#allDone]);
  }

  async #read(): Promise<void> {
    for await (const text of this.#socket.messages()) {
      try {
        await this.#handle(readNativeMessage(text));
      } catch (thrown) {
        const error = toSpeechError(thrown);
        this.#sendError(error);
        if (error.code === 'BODY_INVALID') {
          this.#garbage.add();
        }
      }
    }
  }

  async #handle(message: NativeMessage): Promise<void> {
    if (message.type === 'close') {
      this.#isClosing = true;
      for (const { session } of this.#open.values()) {
        session.finish();
      }
      this.#checkAllDone();
      return;
    }
    const id = message.context_id;
    switch (message.type) {
      case 'open':
        if (this.#open.has(id)) {
          throw stateError('is open already');
        }
        await this.#openContext(id, message);
        break;
      case 'push':
        await this.#push(id, message.text);
        break;
      case 'flush': {
        const { session, flushIds } = this.#find(id);
        const flush = session.flush();
        flushIds.set(flush, message.flush_id ?? flush);
        break;
      }
      case 'finish':
        this.#find(id).session.finish();
        break;
      case 'cancel':
        this.#cancel(id, message.played_ms ?? undefined);
        break;
    }
  }

  async #openContext(
    id: string,
    message: Partial<NativeMessage & { type: 'open' }>,
  ): Promise<void> {
    if (this.#isClosing) {
      throw stateError('cannot be opened after "close"');
    }
    this.#ended.delete(id);
    try {
      const options = readLiveOptions(message, this.#live.engine.voices);
      const flushIds = new Map<number, string | number>();
      const listener = this.#listen(id, flushIds);
      const session = await LiveSession.open(this.#live, this.#socket, options, listener);
      if (!session.isOver) {
        this.#open.set(id, { session, flushIds });
      }
    } catch (thrown) {
      this.#fail(id, undefined, toSpeechError(thrown));
    }
  }

  async #push(id: string, text: string): Promise<void> {
    // what is still on its way after a context's end must not open another
    if (!this.#open.has(id) && !this.#ended.has(id)) {
      await this.#openContext(id, {});
    }
    const context = this.#find(id);
    try {
      context.session.push(text);
    } catch (thrown) {
      const error = toSpeechError(thrown);
      if (error.code === 'STATE_INVALID') {
        throw stateError('was finished; no text may follow');
      }
      // a text with a hole in it is not what was meant
      context.session.cancel();
      this.#fail(id, context.session, error);
    }
  }

  #cancel(id: string, playedMs: number | undefined): void {
    const session = this.#open.get(id)?.session ?? this.#ended.get(id);
    if (session === undefined) {
      throw stateError('is not open');
    }
    const heard = session.cancel(playedMs === undefined ? undefined : playedMs / 1000);
    this.#forget(id, session);
    this.#socket.send({
      type: 'cancelled',
      context_id: id,
      played_ms: Math.round(heard.playedSeconds * 1000),
      text_spoken: heard.textSpoken,
      text_remaining: heard.textRemaining,
    });
    this.#checkAllDone();
  }

  #listen(id: string, flushIds: ReadonlyMap<number, string | number>): LiveListener {
    return {
      audio: (audio) => {
        this.#sendAudio(id, audio);
      },
      flushed: (flush) => {
        const flushId = flushIds.get(flush) ?? flush;
        this.#socket.send({ type: 'flush_done', context_id: id, flush_id: flushId });
      },
      done: (seconds) => {
        this.#forget(id, this.#open.get(id)?.session);
        this.#socket.send({ type: 'done', context_id: id, seconds: roundToMs(seconds) });
        this.#checkAllDone();
      },
      failed: (error) => {
        this.#fail(id, this.#open.get(id)?.session, error);
      },
    };
  }

  #sendAudio(id: string, { bytes, startSeconds, endSeconds, words }: LiveAudio): void {
    if (bytes.length > 0) {
      const header = {
        type: 'audio',
        context_id: id,
        start: roundToMs(startSeconds),
        end: roundToMs(endSeconds),
      };
      if (this.#mode === 'base64') {
        const { buffer, byteOffset, byteLength } = bytes;
        const audio = Buffer.from(buffer, byteOffset, byteLength).toString('base64');
        this.#socket.send({ ...header, audio });
      } else {
        this.#socket.send({ ...header, bytes: bytes.length });
        this.#socket.send(bytes);
      }
    }
    if (words.length > 0) {
      this.#socket.send({ type: 'words', context_id: id, words: words.map(toWordEntry) });
    }
  }

  /** The context is over, and only it. */
  #fail(id: string, session: LiveSession | undefined, error: SpeechError): void {
    this.#forget(id, session);
    this.#sendError(error, id);
    if (error.code === 'CONTEXTS_FULL' && this.#open.size === 0) {
      this.#socket.close(TRY_AGAIN_LATER, error.code);
    }
    this.#checkAllDone();
  }

  #forget(id: string, session: LiveSession | undefined): void {
    this.#open.delete(id);
    this.#ended.delete(id);
    this.#ended.set(id, session);
    if (this.#ended.size > MAX_ENDED) {
      this.#ended.delete(this.#ended.keys().next().value!);
    }
  }

  #find(id: string): OpenContext {
    const context = this.#open.get(id);
    if (context === undefined) {
      throw stateError('is not open');
    }
    return context;
  }

  #sendError(error: SpeechError, id?: string): void {
    const { code, message, param } = toOpenAiError(error).error;
    const { retryable } = error;
    const context = id === undefined ? {} : { context_id: id };
    this.#socket.send({ type: 'error', ...context, code, message, param, retryable });
  }

  #checkAllDone(): void {
    if (this.#isClosing && this.#open.size === 0) {
      this.#tellAllDone();
    }
  }
}

function stateError(problem: string): SpeechError {
  return new SpeechError('STATE_INVALID', `context_id names a context that ${problem}.`, {
    param: 'context_id',
  });
}
