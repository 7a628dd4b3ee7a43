import { z } from 'zod';
import { SpeechError, toSpeechError } from '../../base/errors.js';
import { readSpeakDictionary } from '../../engine/client/speak-dictionaries.js';
import { MAX_SEED, MAX_TEMPERATURE } from '../../tts/limits.js';
import { INPUT_FORMATS, readDocument, type ParsedDocument } from '../../tts/markup/document.js';
import type { Dictionary } from '../../tts/text/dictionary.js';
import { checkSpeed } from '../../tts/time-stretch/index.js';
import type { VoiceInfo } from '../../tts/types.js';
import { resolveVoice } from '../../tts/voices/resolve-voice.js';
import { checkText } from '../files/text-input.js';
import { findModel } from './models.js';

/** What is to be spoken, and how: the checked fields that all requests for speech share. */
export type SpokenRequest = {
  text: string;
  /** What `text` says, if it is markup. */
  document?: ParsedDocument;
  /** The id of one of the engine's voices. */
  voice: string;
  /** 0.25 to 4. */
  speed: number;
  seed?: number;
  temperature?: number;
  /** Pronunciations for this text alone. */
  dictionary?: Dictionary;
};

/** What requests are checked against. */
export type RequestLimits = {
  voices: readonly VoiceInfo[];
  /** The longest `input` in UTF-16 units. */
  maxInput: number;
};

/** The fields of {@link SpokenRequest} as they come. */
// null stands for "not given", as several clients send it
export const SPOKEN_FIELDS = {
  model: z.string().nullish(),
  input: z.string(),
  input_format: z.enum(INPUT_FORMATS).nullish(),
  voice: z.union([z.string(), z.object({ id: z.string() })]),
  speed: z.number().nullish(),
  seed: z.number().int().min(0).max(MAX_SEED).nullish(),
  temperature: z.number().min(0).max(MAX_TEMPERATURE).nullish(),
  dictionary: z.record(z.string(), z.string()).nullish(),
};

/**
 * Checks the body of a request. Fields that the schema does not know are ignored.
 *
 * @param schema - The fields.
 * @param body - Whatever the JSON held.
 * @returns The fields.
 * @throws {SpeechError} `BODY_INVALID` with the field in `details.param`.
 */
export function readFields<Fields>(schema: z.ZodType<Fields>, body: unknown): Fields {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new SpeechError(
      'BODY_INVALID',
      'The request body must be a JSON object, sent with Content-Type: application/json.',
    );
  }
  const result = schema.safeParse(body);
  if (!result.success) {
    const issue = result.error.issues[0]!;
    const param = issue.path.join('.');
    const isMissing = !(String(issue.path[0]) in body);
    throw new SpeechError(
      'BODY_INVALID',
      isMissing ? `${param} is missing; it is required.` : `${param}: ${issue.message}.`,
      { param },
    );
  }
  return result.data;
}

/**
 * Reads what is to be spoken, and how.
 *
 * @param fields - From {@link readFields}.
 * @param limits - What they are checked against.
 * @returns What they say.
 * @throws {SpeechError} `MODEL_NOT_FOUND`, `TEXT_EMPTY`, `TEXT_TOO_LONG`, `MARKUP_INVALID`,
 * `VOICE_UNKNOWN`, `SPEED_OUT_OF_RANGE`; `BODY_INVALID` for the dictionary.
 */
export function readSpokenFields(
  fields: z.infer<z.ZodObject<typeof SPOKEN_FIELDS>>,
  limits: RequestLimits,
): SpokenRequest {
  findModel(fields.model ?? undefined);
  const speed = fields.speed ?? 1;
  checkSpeed(speed);
  const request: SpokenRequest = {
    text: checkText(fields.input, limits.maxInput),
    voice: resolveVoice(
      typeof fields.voice === 'string' ? fields.voice : fields.voice.id,
      limits.voices,
    ),
    speed,
  };
  // a text that looks like markup may be meant to be read as it is: only the field decides
  const inputFormat = fields.input_format ?? 'text';
  if (inputFormat !== 'text') {
    request.document = readDocument(request.text, inputFormat, limits.voices);
  }
  if (typeof fields.seed === 'number') {
    request.seed = fields.seed;
  }
  if (typeof fields.temperature === 'number') {
    request.temperature = fields.temperature;
  }
  if (fields.dictionary !== undefined && fields.dictionary !== null) {
    request.dictionary = readDictionaryField(fields.dictionary);
  }
  return request;
}

/**
 * Reads the field `dictionary`.
 *
 * @param given - Its value.
 * @returns The dictionary.
 * @throws {SpeechError} `BODY_INVALID`.
 */
export function readDictionaryField(given: Record<string, string>): Dictionary {
  try {
    return readSpeakDictionary(given);
  } catch (thrown) {
    const { message, details } = toSpeechError(thrown);
    throw new SpeechError('BODY_INVALID', message, { ...details, param: 'dictionary' });
  }
}
