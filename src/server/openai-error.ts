import type { ErrorCode, SpeechError } from '../../base/errors.js';

/** A failure in the shape OpenAI's clients read. */
export type OpenAiErrorBody = {
  error: { message: string; type: string; param: string | null; code: ErrorCode };
};

const PARAMS: Partial<Record<ErrorCode, string>> = {
  TEXT_EMPTY: 'input',
  TEXT_INVALID: 'input',
  TEXT_TOO_LONG: 'input',
  MARKUP_INVALID: 'input',
  VOICE_UNKNOWN: 'voice',
  FORMAT_UNKNOWN: 'response_format',
  FFMPEG_MISSING: 'response_format',
  SPEED_OUT_OF_RANGE: 'speed',
  MODEL_NOT_FOUND: 'model',
};

/**
 * Puts a failure into OpenAI's shape.
 *
 * @param error - The failure.
 * @returns The body; `param` is the request's field that is to blame, or null.
 */
export function toOpenAiError(error: SpeechError): OpenAiErrorBody {
  const { code, message, details } = error;
  const named = details['param'];
  const param = typeof named === 'string' ? named : (PARAMS[code] ?? null);
  return { error: { message, type: typeOf(error), param, code } };
}

function typeOf({ status, code }: SpeechError): string {
  if (code === 'API_KEY_INVALID') {
    return 'authentication_error';
  }
  if (code === 'RATE_LIMITED') {
    return 'rate_limit_error';
  }
  return status < 500 ? 'invalid_request_error' : 'server_error';
}
