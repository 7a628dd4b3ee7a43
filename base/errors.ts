/**
 * Every failure Linnet reports on purpose, in one table.
 *
 * `status` is the HTTP status; `closeCode` the WebSocket close code (4000-4999 is the range
 * RFC 6455 section 7.4.2 leaves to applications); `retryable` says whether the same request can
 * succeed later. A code is public API: add freely, never rename. `docs/errors.md` lists the same
 * codes and a test keeps the two equal.
 */
export const ERROR_CATALOGUE = {
  // what the caller asked for
  OPTION_INVALID: { status: 400, closeCode: 4400, retryable: false },
  TEXT_EMPTY: { status: 400, closeCode: 4400, retryable: false },
  TEXT_INVALID: { status: 400, closeCode: 4400, retryable: false },
  TEXT_TOO_LONG: { status: 400, closeCode: 4400, retryable: false },
  MARKUP_INVALID: { status: 400, closeCode: 4400, retryable: false },
  VOICE_UNKNOWN: { status: 400, closeCode: 4400, retryable: false },
  FORMAT_UNKNOWN: { status: 400, closeCode: 4400, retryable: false },
  SPEED_OUT_OF_RANGE: { status: 400, closeCode: 4400, retryable: false },
  MODEL_NOT_FOUND: { status: 404, closeCode: 4404, retryable: false },
  ROUTE_NOT_FOUND: { status: 404, closeCode: 4404, retryable: false },
  UPGRADE_REQUIRED: { status: 426, closeCode: 4426, retryable: false },
  METHOD_NOT_ALLOWED: { status: 405, closeCode: 4405, retryable: false },
  API_KEY_INVALID: { status: 401, closeCode: 4401, retryable: false },
  ORIGIN_REFUSED: { status: 403, closeCode: 4403, retryable: false },
  BODY_INVALID: { status: 400, closeCode: 4400, retryable: false },
  INPUT_TIMEOUT: { status: 408, closeCode: 4408, retryable: true },
  BODY_TYPE_UNSUPPORTED: { status: 415, closeCode: 4415, retryable: false },
  BODY_TOO_LARGE: { status: 413, closeCode: 4413, retryable: false },
  // data that is not what it claims to be
  INPUT_SHAPE_MISMATCH: { status: 422, closeCode: 4422, retryable: false },
  CODE_OUT_OF_RANGE: { status: 422, closeCode: 4422, retryable: false },
  AUDIO_INVALID: { status: 400, closeCode: 4400, retryable: false },
  AUDIO_TOO_LONG: { status: 413, closeCode: 4413, retryable: false },
  AUDIO_EMPTY: { status: 400, closeCode: 4400, retryable: false },
  BITSTREAM_INVALID: { status: 400, closeCode: 4400, retryable: false },
  BITSTREAM_TRUNCATED: { status: 400, closeCode: 4400, retryable: false },
  WEIGHTS_DIFFER: { status: 422, closeCode: 4422, retryable: false },
  MODEL_INVALID: { status: 500, closeCode: 4500, retryable: false },
  GRAPH_INVALID: { status: 500, closeCode: 4500, retryable: false },
  STATE_INVALID: { status: 400, closeCode: 4400, retryable: false },
  // files
  FILE_NOT_FOUND: { status: 404, closeCode: 4404, retryable: false },
  FILE_READ_FAILED: { status: 500, closeCode: 4500, retryable: false },
  FILE_WRITE_FAILED: { status: 500, closeCode: 4500, retryable: true },
  // what surrounds us
  FFMPEG_MISSING: { status: 501, closeCode: 4501, retryable: false },
  FFMPEG_FAILED: { status: 500, closeCode: 4500, retryable: false },
  DEVICE_UNAVAILABLE: { status: 503, closeCode: 4503, retryable: false },
  PORT_UNAVAILABLE: { status: 500, closeCode: 4500, retryable: true },
  // the state of a run
  CANCELLED: { status: 499, closeCode: 4499, retryable: true },
  RATE_LIMITED: { status: 429, closeCode: 4429, retryable: true },
  QUEUE_FULL: { status: 503, closeCode: 4503, retryable: true },
  STREAMS_FULL: { status: 503, closeCode: 4503, retryable: true },
  QUEUE_TIMEOUT: { status: 503, closeCode: 4503, retryable: true },
  SOCKETS_FULL: { status: 503, closeCode: 4503, retryable: true },
  CONTEXTS_FULL: { status: 503, closeCode: 4503, retryable: true },
  SHUTTING_DOWN: { status: 503, closeCode: 4503, retryable: true },
  ENGINE_CRASHED: { status: 500, closeCode: 4500, retryable: true },
  ENGINE_CLOSED: { status: 503, closeCode: 4503, retryable: false },
  BENCH_FAILED: { status: 500, closeCode: 4500, retryable: false },
  INTERNAL: { status: 500, closeCode: 4500, retryable: false },
} as const;

/** The name of one failure in {@link ERROR_CATALOGUE}; stable, public, upper snake case. */
export type ErrorCode = keyof typeof ERROR_CATALOGUE;

/** Numbers, names and shapes that explain a failure. Never user text or audio. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean>>;

/** The form in which a failure crosses a wire or a thread: plain data, no stack. */
export type SpeechErrorBody = {
  error: { code: ErrorCode; message: string; retryable: boolean; details: ErrorDetails };
};

/** A failure from {@link ERROR_CATALOGUE}. Anything else that is thrown is a bug. */
export class SpeechError extends Error {
  override readonly name = 'SpeechError';

  /**
   * @param code - The entry of {@link ERROR_CATALOGUE}.
   * @param message - One sentence: the argument's path, its value and what would be right.
   * @param details - The same facts as data, for programs.
   * @param options - `cause`: the error this one was made from.
   */
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: ErrorDetails = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** HTTP status, 400 to 599. */
  get status(): number {
    return ERROR_CATALOGUE[this.code].status;
  }

  /** WebSocket close code, 4400 to 4599. */
  get closeCode(): number {
    return ERROR_CATALOGUE[this.code].closeCode;
  }

  /** Whether the same request can succeed later. */
  get retryable(): boolean {
    return ERROR_CATALOGUE[this.code].retryable;
  }

  /** The body sent to a client or to another thread; {@link errorFromBody} reads it back. */
  toJSON(): SpeechErrorBody {
    const { code, message, retryable, details } = this;
    return { error: { code, message, retryable, details } };
  }
}

/**
 * Rebuilds an error that crossed a thread as {@link SpeechErrorBody}.
 *
 * @param body - What `SpeechError.toJSON` returned.
 * @returns An error with the same code, message and details; the stack is the local one.
 */
export function errorFromBody(body: SpeechErrorBody): SpeechError {
  return new SpeechError(body.error.code, body.error.message, body.error.details);
}

/**
 * Turns anything that was thrown into a catalogued error.
 *
 * @param thrown - A `SpeechError` (returned as it is), an abort (becomes `CANCELLED`), a Node
 * file-system error (becomes `FILE_NOT_FOUND`, `FILE_READ_FAILED` or `FILE_WRITE_FAILED`), or a
 * bug (becomes `INTERNAL`, with the original as `cause`; its message is not repeated, because it
 * may hold user text).
 * @returns The catalogued error.
 */
export function toSpeechError(thrown: unknown): SpeechError {
  if (thrown instanceof SpeechError) {
    return thrown;
  }
  if (isErrorLike(thrown)) {
    if (thrown.name === 'AbortError' || thrown.name === 'TimeoutError') {
      return new SpeechError('CANCELLED', 'The request was cancelled.', {}, { cause: thrown });
    }
    const fileError = fromFileSystemError(thrown);
    if (fileError !== undefined) {
      return fileError;
    }
  }
  return new SpeechError(
    'INTERNAL',
    'Linnet failed in a way it did not expect.',
    {},
    { cause: thrown },
  );
}

/** An error as Node throws it; `NodeJS.ErrnoException`, but readable without Node's types. */
export type ErrorLike = Error & { code?: string; path?: string };

/**
 * Tells whether something thrown is an error, also one of another realm (a worker, a test's sandbox),
 * for which `instanceof Error` is false.
 *
 * @param thrown - Anything.
 * @returns True if it has a name and a message.
 */
export function isErrorLike(thrown: unknown): thrown is ErrorLike {
  return typeof thrown === 'object' && thrown !== null && 'name' in thrown && 'message' in thrown;
}

const READ_ERRORS = new Set(['EACCES', 'EPERM', 'EISDIR', 'EIO', 'EMFILE', 'ENFILE']);
const WRITE_ERRORS = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EFBIG', 'EEXIST', 'ENOTEMPTY']);

function fromFileSystemError(error: ErrorLike): SpeechError | undefined {
  const { code, path } = error;
  if (code === undefined) {
    return undefined;
  }
  const details = path === undefined ? { reason: code } : { reason: code, path };
  const subject = path ?? 'a file';
  const options = { cause: error };
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new SpeechError('FILE_NOT_FOUND', `${subject} does not exist.`, details, options);
  }
  if (WRITE_ERRORS.has(code)) {
    return new SpeechError(
      'FILE_WRITE_FAILED',
      `${subject} cannot be written (${code}).`,
      details,
      options,
    );
  }
  if (READ_ERRORS.has(code)) {
    return new SpeechError(
      'FILE_READ_FAILED',
      `${subject} cannot be read (${code}).`,
      details,
      options,
    );
  }
  return undefined;
}
