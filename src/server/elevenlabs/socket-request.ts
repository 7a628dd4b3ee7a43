import type { VoiceInfo } from '../../../tts/types.js';
import { resolveVoice } from '../../../tts/voices/resolve-voice.js';
import { SpeechError } from '../../../base/errors.js';
import { describeRange, readNumber } from '../../../base/numbers.js';
import type { AudioFormat } from '../../audio/formats.js';
import type { SocketRequest } from '../live/protocol.js';
import { DEFAULT_OUTPUT_FORMAT, findOutputFormat } from './output-format.js';
import { checkModel } from './speech-request.js';

/** What the address of a WebSocket says. */
export type SocketSettings = {
  /** Id of a voice. */
  voice: string;
  format: AudioFormat;
  /** Whether every piece of audio carries the times of its characters, not only those that end a word. */
  syncAlignment: boolean;
  /** Whether each text is spoken to its end without waiting for the next one. */
  autoMode: boolean;
  /** How long a client may send nothing, in ms. */
  inactivityMs: number;
};

/** Seconds without a message after which a socket or context is over. */
const INACTIVITY_RANGE = { min: 1, max: 180 } as const;
const DEFAULT_INACTIVITY_SECONDS = '20';

/**
 * Reads the address of a WebSocket. Parameters that Linnet has nothing for are ignored.
 *
 * @param request - The upgrade; its path names the voice.
 * @param voices - The engine's.
 * @returns The settings.
 * @throws {SpeechError} `VOICE_UNKNOWN`, `FORMAT_UNKNOWN`, `MODEL_NOT_FOUND`, or `OPTION_INVALID` with
 * the parameter in `details.param`.
 */
export function readSocketRequest(
  { url, params }: SocketRequest,
  voices: readonly VoiceInfo[],
): SocketSettings {
  const query = url.searchParams;
  checkModel(query.get('model_id') ?? undefined);
  const timeout = query.get('inactivity_timeout') ?? DEFAULT_INACTIVITY_SECONDS;
  const inactivitySeconds = readNumber(timeout, INACTIVITY_RANGE);
  if (inactivitySeconds === undefined) {
    throw invalid('inactivity_timeout', timeout, describeRange(INACTIVITY_RANGE));
  }
  return {
    voice: resolveVoice(params['voice'] ?? '', voices),
    format: findOutputFormat(query.get('output_format') ?? DEFAULT_OUTPUT_FORMAT),
    syncAlignment: readFlag(query, 'sync_alignment'),
    autoMode: readFlag(query, 'auto_mode'),
    inactivityMs: inactivitySeconds * 1000,
  };
}

function readFlag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name)?.toLowerCase() ?? 'false';
  if (value !== 'true' && value !== 'false') {
    throw invalid(name, value, 'true or false');
  }
  return value === 'true';
}

function invalid(param: string, value: string, right: string): SpeechError {
  return new SpeechError(
    'OPTION_INVALID',
    `${param} is ${JSON.stringify(value.slice(0, 40))}; it must be ${right}.`,
    { param },
  );
}
