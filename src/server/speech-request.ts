import { z } from 'zod';
import { SpeechError, toSpeechError } from '../../base/errors.js';
import { describeRange } from '../../base/numbers.js';
import { readSpeakDictionary } from '../../engine/client/speak-dictionaries.js';
import { MAX_SEED, MAX_TEMPERATURE } from '../../tts/limits.js';
import { INPUT_FORMATS, readDocument, type ParsedDocument } from '../../tts/markup/document.js';
import type { Dictionary } from '../../tts/text/dictionary.js';
import { checkSpeed } from '../../tts/time-stretch/index.js';
import { SPEED_RANGE } from '../../tts/time-stretch/parameters.js';
import type { VoiceInfo } from '../../tts/types.js';
import { resolveVoice } from '../../tts/voices/resolve-voice.js';
import { AUDIO_FORMATS, findFormat, type AudioFormat } from '../audio/formats.js';
import { checkText } from '../files/text-input.js';
import { findModel } from './models.js';
import { parseBody } from './parse-body.js';

/** What a response is to speak and in which format, however it was asked for. */
export type AudioRequest = {
  text: string;
  /** What `text` says, if it is markup. */
  document?: ParsedDocument;
  /** The id of one of the engine's voices. */
  voice: string;
  format: AudioFormat;
  /** 0.25 to 4. */
  speed: number;
  seed?: number;
  temperature?: number;
  /** Pronunciations for this text alone. */
  dictionary?: Dictionary;
};

/** A checked `POST /v1/audio/speech`. */
export type HttpSpeechRequest = AudioRequest & {
  /** `audio`: the bytes themselves; `sse`: server-sent events with base64 inside. */
  streamFormat: 'audio' | 'sse';
  /** Whether events tell when each word is spoken; only with `sse`. */
  hasWordTimes: boolean;
  /** Whether the audio is sent while it is made. Otherwise it is sent whole, with exact sizes. */
  isStreamed: boolean;
};

/** Of the codec that `lnt` is made with. */
const MAX_LEVELS = 8;

/** The body of `POST /v1/audio/speech`. Null stands for "not given", as several clients send it. */
export const SPEECH_SCHEMA = z.object({
  model: z.string().nullish().describe('one of /v1/models'),
  input: z.string().describe('the text to speak'),
  input_format: z.enum(INPUT_FORMATS).nullish().describe('what the text is written in'),
  voice: z.union([z.string(), z.object({ id: z.string() })]).describe('one of /v1/audio/voices'),
  instructions: z.string().nullish().describe('accepted, and not followed'),
  response_format: z
    .string()
    .nullish()
    .describe(`one of ${Object.keys(AUDIO_FORMATS).join(', ')}; mp3 by default`),
  levels: z
    .number()
    .int()
    .min(1)
    .max(MAX_LEVELS)
    .nullish()
    .describe(`with lnt: levels of the codec to keep, ${MAX_LEVELS} by default`),
  speed: z
    .number()
    .nullish()
    .describe(`${describeRange(SPEED_RANGE)}, 1 by default; the pitch stays`),
  stream_format: z
    .enum(['audio', 'sse'])
    .nullish()
    .describe('the bytes themselves (default), or server-sent events'),
  stream: z.boolean().nullish().describe('false sends the audio whole'),
  word_timestamps: z.boolean().nullish().describe('with sse: events tell when each word is spoken'),
  seed: z
    .number()
    .int()
    .min(0)
    .max(MAX_SEED)
    .nullish()
    .describe('the same request with the same seed gives the same speech'),
  temperature: z.number().min(0).max(MAX_TEMPERATURE).nullish().describe('liveliness'),
  dictionary: z
    .record(z.string(), z.string())
    .nullish()
    .describe('pronunciations: words, and phones or other words for them'),
});

/**
 * Checks the body of a request in OpenAI's form. Fields it does not know are ignored, as are
 * `instructions`, which no Linnet model follows.
 *
 * @param body - Whatever the JSON held.
 * @param context - The engine's voices, and the longest `input` in UTF-16 units.
 * @returns The request.
 * @throws {SpeechError} `BODY_INVALID` with the field in `details.param`, or `MODEL_NOT_FOUND`,
 * `TEXT_EMPTY`, `TEXT_TOO_LONG`, `MARKUP_INVALID`, `VOICE_UNKNOWN`, `FORMAT_UNKNOWN`, `SPEED_OUT_OF_RANGE`.
 */
export function parseSpeechRequest(
  body: unknown,
  context: { voices: readonly VoiceInfo[]; maxInput: number },
): HttpSpeechRequest {
  const fields = parseBody(SPEECH_SCHEMA, body);
  findModel(fields.model ?? undefined);
  const speed = fields.speed ?? 1;
  checkSpeed(speed);
  const format =
    typeof fields.response_format === 'string'
      ? findFormat(fields.response_format)
      : AUDIO_FORMATS.mp3;
  const request: HttpSpeechRequest = {
    text: checkText(fields.input, context.maxInput),
    voice: resolveVoice(
      typeof fields.voice === 'string' ? fields.voice : fields.voice.id,
      context.voices,
    ),
    format: withLevels(format, fields.levels),
    speed,
    streamFormat: fields.stream_format ?? 'audio',
    hasWordTimes: fields.word_timestamps ?? false,
    // libsndfile, which Python's soundfile reads with, takes no FLAC of unknown length
    isStreamed: fields.stream ?? format.name !== 'flac',
  };
  if (request.hasWordTimes && request.streamFormat !== 'sse') {
    throw new SpeechError(
      'BODY_INVALID',
      'word_timestamps is true, but only events carry times; it needs "stream_format": "sse".',
      { param: 'word_timestamps' },
    );
  }
  // a text that looks like markup may be meant to be read as it is: only the field decides
  const inputFormat = fields.input_format ?? 'text';
  if (inputFormat !== 'text') {
    request.document = readDocument(request.text, inputFormat, context.voices);
  }
  return { ...request, ...readTuning(fields) };
}

/**
 * A format with as many levels as a request asks for.
 *
 * @param format - The format.
 * @param levels - The field, if it was given.
 * @returns The format.
 * @throws {SpeechError} `BODY_INVALID` if the format has no levels.
 */
export function withLevels(format: AudioFormat, levels: number | null | undefined): AudioFormat {
  if (typeof levels !== 'number') {
    return format;
  }
  if (format.name !== 'lnt') {
    throw new SpeechError('BODY_INVALID', `levels is ${levels}; ${format.name} has none.`, {
      param: 'levels',
    });
  }
  return { ...format, numCodebooks: levels };
}

/** Fields that change how a text is spoken, and may be left out. */
type Tuning = Pick<AudioRequest, 'seed' | 'temperature' | 'dictionary'>;

/**
 * Reads the fields of {@link SPEECH_SCHEMA} that change how a text is spoken.
 *
 * @param fields - As they came.
 * @returns Those that were given.
 * @throws {SpeechError} `BODY_INVALID` for the dictionary.
 */
export function readTuning(
  fields: Partial<Pick<z.infer<typeof SPEECH_SCHEMA>, keyof Tuning>>,
): Tuning {
  const tuning: Tuning = {};
  if (typeof fields.seed === 'number') {
    tuning.seed = fields.seed;
  }
  if (typeof fields.temperature === 'number') {
    tuning.temperature = fields.temperature;
  }
  if (fields.dictionary !== undefined && fields.dictionary !== null) {
    tuning.dictionary = readDictionaryField(fields.dictionary);
  }
  return tuning;
}

function readDictionaryField(given: Record<string, string>): Dictionary {
  try {
    return readSpeakDictionary(given);
  } catch (thrown) {
    const { message, details } = toSpeechError(thrown);
    throw new SpeechError('BODY_INVALID', message, { ...details, param: 'dictionary' });
  }
}
