import { z } from 'zod';
import { SpeechError } from '../../../base/errors.js';
import { describeRange, readNumber, type NumberRange } from '../../../base/numbers.js';
import type { LntTags } from '../../../codecs/lnt/lnt-header.js';
import { AUDIO_FORMATS, findFormat, type AudioFormat } from '../../audio/formats.js';

/** Fields of a request, from its address or its form. */
export type Fields = Readonly<Record<string, string>>;

/** A checked `POST /v1/audio/encode`. */
export type EncodeRequest = {
  codec: 'rvq' | 'single';
  /** Levels to keep; all of the codec's without it. */
  levels?: number;
  tags: LntTags;
  /** Entropy-code the tokens. */
  entropy: boolean;
};

/** A checked `POST /v1/audio/decode`. */
export type DecodeRequest = {
  format: AudioFormat;
  startSeconds: number;
  /** Up to the end without it. */
  durationSeconds?: number;
  force: boolean;
  strict: boolean;
};

const MAX_LEVELS = 255;
const SECONDS: NumberRange = { min: 0, max: 1e7 };

const TAGS = z.string().transform((text, context) => {
  try {
    const tags: unknown = JSON.parse(text);
    if (typeof tags === 'object' && tags !== null && !Array.isArray(tags)) {
      return tags as LntTags;
    }
  } catch {
    // told below
  }
  context.addIssue({ code: 'custom', message: 'it must be a JSON object' });
  return z.NEVER;
});

/** The fields of `POST /v1/audio/encode`. */
export const ENCODE_SCHEMA = z.object({
  codec: z
    .enum(['rvq', 'single'], 'it must be rvq or single')
    .optional()
    .describe('rvq (default) or single'),
  levels: numberIn({ min: 1, max: MAX_LEVELS, isInteger: true })
    .optional()
    .describe('levels to keep, 1 to 8 of rvq; all by default'),
  tags: TAGS.optional().describe('a JSON object that is kept in the file'),
  entropy: flag().optional().describe('true entropy-codes the tokens: some 12 % smaller'),
});

/** The fields of `POST /v1/audio/decode`. */
export const DECODE_SCHEMA = z.object({
  response_format: z
    .string()
    .optional()
    .describe(`wav (default), or another format of speech but lnt`),
  start: numberIn(SECONDS).optional().describe('seconds to leave out at the beginning'),
  duration: numberIn(SECONDS).optional().describe('seconds wanted at most'),
  force: flag().optional().describe('true decodes tokens of other weights too, perhaps to noise'),
  strict: flag().optional().describe('true fails on damage, for which there is silence otherwise'),
});

/**
 * Checks a request to encode.
 *
 * @param fields - As they came; unknown ones are ignored.
 * @returns The request.
 * @throws {SpeechError} `BODY_INVALID`, with the field in `details.param`.
 */
export function parseEncodeRequest(fields: Fields): EncodeRequest {
  const { codec = 'rvq', levels, tags = {}, entropy = false } = parse(ENCODE_SCHEMA, fields);
  return { codec, tags, entropy, ...(levels === undefined ? {} : { levels }) };
}

/**
 * Checks a request to decode.
 *
 * @param fields - As they came; unknown ones are ignored.
 * @returns The request.
 * @throws {SpeechError} `BODY_INVALID`, with the field in `details.param`; `FORMAT_UNKNOWN`.
 */
export function parseDecodeRequest(fields: Fields): DecodeRequest {
  const given = parse(DECODE_SCHEMA, fields);
  const { response_format: name, start = 0, duration, force = false, strict = false } = given;
  if (duration === 0) {
    throw new SpeechError('BODY_INVALID', 'duration is 0; it must be above that.', {
      param: 'duration',
    });
  }
  const format = name === undefined ? AUDIO_FORMATS.wav : findFormat(name);
  if (format.name === 'lnt') {
    throw new SpeechError('FORMAT_UNKNOWN', 'response_format is lnt; it must be an audio format.');
  }
  return {
    format,
    startSeconds: start,
    force,
    strict,
    ...(duration === undefined ? {} : { durationSeconds: duration }),
  };
}

function parse<Schema extends z.ZodObject>(schema: Schema, fields: Fields): z.infer<Schema> {
  const result = schema.safeParse(fields);
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    const param = path.join('.');
    throw new SpeechError('BODY_INVALID', `${param}: ${message}.`, { param });
  }
  return result.data;
}

function numberIn(range: NumberRange) {
  return z.string().transform((text, context) => {
    const read = readNumber(text, range);
    if (read === undefined) {
      context.addIssue({ code: 'custom', message: `it must be ${describeRange(range)}` });
      return z.NEVER;
    }
    return read;
  });
}

function flag() {
  return z.enum(['true', 'false'], 'it must be true or false').transform((text) => text === 'true');
}
