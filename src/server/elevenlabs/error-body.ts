import type { ErrorCode, SpeechError } from '../../../base/errors.js';

/** A failure in the shape ElevenLabs' clients read, with our code besides. */
export type ElevenLabsErrorBody = {
  detail: { status: string; message: string; code: ErrorCode };
};

const STATUSES: Partial<Record<ErrorCode, string>> = {
  API_KEY_INVALID: 'invalid_api_key',
  VOICE_UNKNOWN: 'voice_not_found',
  MODEL_NOT_FOUND: 'model_not_found',
  FORMAT_UNKNOWN: 'invalid_output_format',
  INPUT_TIMEOUT: 'input_timeout_exceeded',
  RATE_LIMITED: 'too_many_concurrent_requests',
  QUEUE_FULL: 'system_busy',
  QUEUE_TIMEOUT: 'system_busy',
  STREAMS_FULL: 'system_busy',
  SOCKETS_FULL: 'system_busy',
  CONTEXTS_FULL: 'system_busy',
};

/**
 * Puts a failure into ElevenLabs' shape.
 *
 * @param error - The failure.
 * @returns The body; `status` is ElevenLabs' word where there is one, else our code in lower case.
 */
export function toElevenLabsError({ code, message }: SpeechError): ElevenLabsErrorBody {
  return { detail: { status: STATUSES[code] ?? code.toLowerCase(), message, code } };
}
