import { ERROR_CATALOGUE, SpeechError, type ErrorCode } from '../../base/errors.js';

/** Something to say, and how its text is given. */
export type Utterance = {
  text: string;
  /** Words a second; all at once if undefined. */
  wordsPerSecond?: number | undefined;
  /** As the server takes them; its defaults if undefined. */
  voice?: string | undefined;
  seed?: number | undefined;
};

/** Hears how an utterance goes. */
export interface UtteranceListener {
  /** A piece of text was sent. */
  pushed(): void;
  /** A piece of audio arrived: mono PCM of 16 bits at 24 kHz. */
  audio(bytes: Uint8Array): void;
}

/** A client of a server, of any protocol. It says one thing at a time. */
export interface BenchClient {
  /**
   * Has something spoken.
   *
   * @param utterance - What.
   * @param listener - Hears of it.
   * @returns Once all audio arrived.
   * @throws {SpeechError} What the server answers; `BENCH_FAILED` if it cannot be reached, breaks off or
   * answers what is no answer to this.
   */
  speak(utterance: Utterance, listener: UtteranceListener): Promise<void>;
  /** Leaves at once, also in the middle. Safe to call twice; another `speak` comes back. */
  leave(): void;
}

/** How to reach a server. */
export type Target = {
  /** Its base address. */
  url: string;
  apiKey?: string | undefined;
};

/** The protocols that clients speak: Linnet's over a WebSocket, or HTTP. */
export const PROTOCOLS = ['live', 'http'] as const;

/** One of {@link PROTOCOLS}. */
export type Protocol = (typeof PROTOCOLS)[number];

/**
 * Turns what a server says of a failure into our own.
 *
 * @param error - The field `error` of an answer, or a message of the live protocol.
 * @param fallback - What to say if it says nothing we know.
 * @returns The failure.
 */
export function readFailure(error: unknown, fallback: string): SpeechError {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return typeof code === 'string' && Object.hasOwn(ERROR_CATALOGUE, code)
    ? new SpeechError(code as ErrorCode, typeof message === 'string' ? message : fallback)
    : new SpeechError('BENCH_FAILED', fallback);
}

/**
 * Tells whether a server that works refused something for now, as it should where it is full.
 *
 * @param error - What a client threw.
 * @returns True for `CONTEXTS_FULL`, `RATE_LIMITED` and the like.
 */
export function isRefusal(error: unknown): boolean {
  return error instanceof SpeechError && error.retryable && [429, 503].includes(error.status);
}
