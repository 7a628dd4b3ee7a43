import { SpeechError, toSpeechError } from '../../../base/errors.js';
import type {
  SpeakOptions,
  SpeechChunk,
  SpeechContext,
  TextMark,
  WordTime,
} from '../../../tts/types.js';
import { SPEECH_SAMPLE_RATE, type AudioFormat } from '../../audio/formats.js';
import { forSpeech, STREAMED_BLOCK_SECONDS } from '../../audio/lnt-stream.js';
import type { Caller } from '../callers.js';
import { countFailure } from '../metrics.js';
import { Playback } from '../playback.js';
import { createLiveEncoder, type LiveEncoder } from './live-encoder.js';
import type { LiveServer } from './live-server.js';
import type { LiveSocket } from './live-socket.js';
import { SpokenText } from './spoken-text.js';

/** A piece of a live speech. */
export type LiveAudio = {
  /** In the session's format; none where only words or marks come. */
  bytes: Uint8Array;
  /**
   * What of the speech went in since the last piece, in seconds from its start; each piece begins where
   * the last one ended. In formats through ffmpeg the bytes themselves may be of a little before.
   */
  startSeconds: number;
  endSeconds: number;
  /** Places in the text whose times became known. */
  marks: TextMark[];
  /** Words that ended. */
  words: WordTime[];
};

/** Hears what comes of a live speech. No method may throw; none is called after `done` or `failed`. */
export interface LiveListener {
  /** A piece of audio, in order. */
  audio(audio: LiveAudio): void;
  /** All audio before {@link LiveSession.flush} number `flush` was given, as far as the format lets it. */
  flushed(flush: number): void;
  /** All was given after {@link LiveSession.finish}; so many seconds in all. */
  done(seconds: number): void;
  /** The speech ended early, but not by {@link LiveSession.cancel} or the end of its socket. */
  failed(error: SpeechError): void;
}

/** How a live text is to be spoken. */
export type LiveOptions = Omit<SpeakOptions, 'signal'> & { format: AudioFormat };

/** What was heard of a speech that was cancelled. */
export type Interruption = {
  /** How much of the audio was played. */
  playedSeconds: number;
  /** The text that was heard; a word not heard to its end is not in it. */
  textSpoken: string;
  /** The rest of all text that was pushed. */
  textRemaining: string;
};

/** Text that may wait to be spoken, in multiples of `maxInput`. */
const MAX_PENDING = 16;

/**
 * One live speech over a WebSocket, whatever the protocol: text comes in pieces, audio goes out as its
 * client reads. It takes one of the server's places for contexts until it is over, and is cancelled
 * when its socket is closed.
 */
export class LiveSession {
  readonly #server: LiveServer;
  readonly #socket: LiveSocket;
  readonly #listener: LiveListener;
  readonly #speech: SpeechContext;
  readonly #encoder: LiveEncoder;
  readonly #release: () => void;
  readonly #text = new SpokenText();
  /** Length of the text at each flush that was not answered yet. */
  readonly #flushOffsets = new Map<number, number>();
  #marks: TextMark[] = [];
  #words: WordTime[] = [];
  #numSamples = 0;
  /** Samples that pieces of audio told of. */
  #numTold = 0;
  #speakableMs: number | undefined;
  #hasAudio = false;
  readonly #caller: Caller;
  readonly #playback: Playback;
  #isFinished = false;
  #isOver = false;

  private constructor(
    server: LiveServer,
    socket: LiveSocket,
    listener: LiveListener,
    parts: { speech: SpeechContext; release: () => void; format: AudioFormat; caller: Caller },
  ) {
    this.#server = server;
    this.#socket = socket;
    this.#listener = listener;
    this.#speech = parts.speech;
    this.#caller = parts.caller;
    this.#playback = new Playback(server.metrics, { isOwed: false });
    this.#release = parts.release;
    this.#encoder = createLiveEncoder(parts.format, server.encoders, (bytes) => {
      this.#give(bytes);
    });
    socket.join(this);
    void this.#run();
  }

  /**
   * Opens a live speech.
   *
   * @param server - Where.
   * @param socket - Whose pace the speech keeps, and whose end is its end.
   * @param options - Format, voice, speed and so on; the server's dictionaries count before its own.
   * @param listener - Hears what comes of it.
   * @returns The session.
   * @throws {SpeechError} `CONTEXTS_FULL`, `RATE_LIMITED`, `SHUTTING_DOWN`, `FFMPEG_MISSING`; `CANCELLED` if the socket
   * was closed meanwhile. Wrong options may also be told by `failed`.
   */
  static async open(
    server: LiveServer,
    socket: LiveSocket,
    options: LiveOptions,
    listener: LiveListener,
  ): Promise<LiveSession> {
    const { dictionary, ...speaking } = options;
    if (server.admission.isClosed) {
      throw new SpeechError('SHUTTING_DOWN', 'The server is shutting down; nothing new begins.');
    }
    // none of the protocols opens a speech before it knows who asks
    const caller = socket.caller ?? server.callers.findKey([]);
    const leave = await server.limits.enter(caller);
    let giveBack: (() => void) | undefined;
    const release = () => {
      giveBack?.();
      leave();
    };
    let speech: SpeechContext | undefined;
    try {
      giveBack = server.contexts.take();
      const known = await server.dictionaries.current();
      if (socket.isClosed) {
        throw new SpeechError('CANCELLED', 'The client left.');
      }
      const dictionaries = [...known, ...(dictionary === undefined ? [] : [dictionary].flat())];
      speech = server.engine.open({
        ...speaking,
        ...(dictionaries.length === 0 ? {} : { dictionary: dictionaries }),
      });
      const voice = options.voice ?? server.engine.voices[0]?.id;
      const format = forSpeech(options.format, server.engine, voice, {
        blockSeconds: STREAMED_BLOCK_SECONDS,
      });
      return new LiveSession(server, socket, listener, { speech, release, format, caller });
    } catch (thrown) {
      speech?.cancel();
      release();
      throw thrown;
    }
  }

  /** Whether nothing more comes. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether {@link LiveSession.finish} was called. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** UTF-16 units pushed so far. */
  get numCharacters(): number {
    return this.#text.length;
  }

  /**
   * Takes text.
   *
   * @param text - Joined to what came before as it is: spaces belong into it.
   * @throws {SpeechError} `TEXT_TOO_LONG` if it, or all that waits to be spoken, is; `STATE_INVALID`
   * after `finish` or the end.
   */
  push(text: string): void {
    this.#checkOpen();
    const { maxInput } = this.#server.options;
    if (text.length > maxInput) {
      throw new SpeechError(
        'TEXT_TOO_LONG',
        `text has ${text.length} characters; at most ${maxInput} are accepted at a time.`,
        { numCharacters: text.length, maxCharacters: maxInput },
      );
    }
    const numPending = this.#text.numPending + text.length;
    if (numPending > maxInput * MAX_PENDING) {
      throw new SpeechError(
        'TEXT_TOO_LONG',
        `${numPending} characters would wait to be spoken; at most ${maxInput * MAX_PENDING} may.`,
        { numCharacters: numPending, maxCharacters: maxInput * MAX_PENDING },
      );
    }
    this.#text.push(text);
    if (/[\p{L}\p{N}]/u.test(text)) {
      this.#speakableMs ??= performance.now();
    }
    this.#speech.push(text);
  }

  /**
   * Has all text so far spoken without waiting for more.
   *
   * @returns Its number, 1, 2, ...; `flushed` answers.
   * @throws {SpeechError} `STATE_INVALID` after `finish` or the end.
   */
  flush(): number {
    this.#checkOpen();
    const flush = this.#speech.flush();
    this.#playback.owe();
    this.#flushOffsets.set(flush, this.#text.length);
    return flush;
  }

  /** Tells that no text follows; `done` answers. Calling it again does nothing. */
  finish(): void {
    if (!this.#isFinished && !this.#isOver) {
      this.#isFinished = true;
      this.#playback.owe();
      this.#speech.finish();
    }
  }

  /**
   * Ends the speech at once; the listener hears nothing more. After the end it changes nothing.
   *
   * @param playedSeconds - How much of the audio the client has played; without it, as much as a
   * player that began with the first audio would have by now.
   * @returns What was heard.
   */
  cancel(playedSeconds?: number): Interruption {
    const total = this.#numTold / SPEECH_SAMPLE_RATE;
    const unheardSeconds = Math.max(0, this.#playback.heardMs - performance.now()) / 1000;
    const played = Math.min(total, Math.max(0, playedSeconds ?? total - unheardSeconds));
    const { spoken, remaining } = this.#text.split(played);
    if (!this.#isOver) {
      this.#end('cancelled');
      this.#speech.cancel();
    }
    return { playedSeconds: played, textSpoken: spoken, textRemaining: remaining };
  }

  async #run(): Promise<void> {
    try {
      for await (const chunk of this.#speech) {
        if (this.#isOver) {
          return;
        }
        await this.#take(chunk);
        await this.#untilRead();
      }
      if (this.#isOver) {
        return;
      }
      await this.#encoder.end();
      this.#giveRest();
      this.#markTextEnd(this.#text.length);
      if (this.#end('done')) {
        this.#listener.done(this.#numSamples / SPEECH_SAMPLE_RATE);
      }
    } catch (thrown) {
      const error = toSpeechError(thrown);
      if (this.#end('failed')) {
        this.#speech.cancel();
        countFailure(this.#server.metrics, error.code);
        this.#socket.logger.warn({ code: error.code }, 'live speech failed');
        this.#listener.failed(error);
      }
    }
  }

  async #take({ samples, words, marks, flushed }: SpeechChunk): Promise<void> {
    for (const mark of marks) {
      this.#text.mark(mark);
    }
    this.#marks.push(...marks);
    this.#words.push(...words);
    this.#numSamples += samples.length;
    await this.#encoder.push(samples);
    if (flushed !== undefined) {
      await this.#encoder.settle();
      this.#giveRest();
      this.#markTextEnd(this.#flushOffsets.get(flushed));
      this.#flushOffsets.delete(flushed);
      if (!this.#isAudioDue) {
        this.#playback.excuse();
      }
      if (!this.#isOver) {
        this.#listener.flushed(flushed);
      }
    }
  }

  /** All text up to there has been spoken by now. */
  #markTextEnd(offset: number | undefined): void {
    if (offset !== undefined) {
      this.#text.mark({ offset, seconds: this.#numSamples / SPEECH_SAMPLE_RATE });
    }
  }

  /** Whether the text that is there is to be spoken without waiting for more. */
  get #isAudioDue(): boolean {
    return this.#isFinished || this.#flushOffsets.size > 0;
  }

  /** Waits for the client, which is no fault of ours. */
  async #untilRead(): Promise<void> {
    if (this.#socket.isBehind) {
      this.#playback.excuse();
      await this.#socket.untilDrained();
      if (this.#isAudioDue) {
        this.#playback.owe();
      }
    }
  }

  /** What came without bytes. */
  #giveRest(): void {
    if (this.#numTold < this.#numSamples || this.#marks.length > 0 || this.#words.length > 0) {
      this.#give(new Uint8Array(0));
    }
  }

  #give(bytes: Uint8Array): void {
    if (this.#isOver) {
      return;
    }
    const nowMs = performance.now();
    if (!this.#hasAudio && bytes.length > 0) {
      this.#hasAudio = true;
      const waitedMs = nowMs - (this.#speakableMs ?? nowMs);
      this.#server.liveMetrics.firstAudioSeconds.observe(waitedMs / 1000);
    }
    const numNew = this.#numSamples - this.#numTold;
    const startSeconds = this.#numTold / SPEECH_SAMPLE_RATE;
    const endSeconds = this.#numSamples / SPEECH_SAMPLE_RATE;
    this.#numTold = this.#numSamples;
    const durationMs = (numNew / SPEECH_SAMPLE_RATE) * 1000;
    if (durationMs > 0) {
      this.#playback.add(numNew);
    }
    this.#socket.expectListening(durationMs);
    const [marks, words] = [this.#marks, this.#words];
    this.#marks = [];
    this.#words = [];
    this.#listener.audio({ bytes, startSeconds, endSeconds, marks, words });
  }

  /** @returns False if it had ended before. */
  #end(outcome: 'done' | 'cancelled' | 'failed'): boolean {
    if (this.#isOver) {
      return false;
    }
    this.#isOver = true;
    this.#encoder.close();
    this.#release();
    const { metrics } = this.#server;
    metrics.speechSeconds.inc({ caller: this.#caller.name }, this.#numSamples / SPEECH_SAMPLE_RATE);
    this.#playback.end();
    this.#server.liveMetrics.contexts.inc({ outcome });
    this.#socket.leave(this);
    return true;
  }

  #checkOpen(): void {
    if (this.#isFinished || this.#isOver) {
      throw new SpeechError('STATE_INVALID', 'No text may follow after the end of a live speech.');
    }
  }
}
