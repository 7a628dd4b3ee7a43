import { SpeechError } from '../../../base/errors.js';
import { checkSpeed } from '../../../tts/time-stretch/index.js';
import type { VoiceInfo } from '../../../tts/types.js';
import { resolveVoice } from '../../../tts/voices/resolve-voice.js';
import {
  atSampleRate,
  AUDIO_FORMATS,
  PCM_SAMPLE_RATES,
  type AudioFormat,
  type AudioFormatName,
} from '../../audio/formats.js';

/** What the address of a `/v1/speak` asks for. */
export type SpeakQuery = {
  /** The id of one of the engine's voices. */
  voice: string;
  /** Whether `model` names a voice of Deepgram's that we have none for, so that the first one speaks. */
  isSubstitute: boolean;
  format: AudioFormat;
  /** 0.25 to 4. */
  speed: number;
};

/** Deepgram's names of what is made in process, and of our formats for them. */
const ENCODINGS = { linear16: 'pcm', mulaw: 'mulaw', alaw: 'alaw' } as const;

/** Over HTTP, by Deepgram's names of encoding and container; the first container is the default. */
const FILE_FORMATS: Readonly<Record<string, Readonly<Record<string, AudioFormatName>>>> = {
  mp3: { none: 'mp3' },
  linear16: { wav: 'wav', none: 'pcm' },
  mulaw: { none: 'mulaw' },
  alaw: { none: 'alaw' },
  opus: { ogg: 'opus' },
  flac: { none: 'flac' },
  aac: { none: 'aac' },
};
const HAS_BIT_RATE: ReadonlySet<string> = new Set(['mp3', 'opus', 'aac']);
const BIT_RATE_RANGE = { min: 8_000, max: 160_000 };

/** `aura-asteria-en`, `aura-2-thalia-en`: the voice's own name stands in between. */
const DEEPGRAM_MODEL = /^aura(?:-\d+)?-([a-z]+)-[a-z]{2}$/;

/**
 * Reads the query of a `/v1/speak`; what it does not know is ignored.
 *
 * @param query - Deepgram's: `model`, `encoding`, `sample_rate`, `speed`.
 * @param voices - The engine's.
 * @returns What it asks for: 24 kHz `linear16` in the first voice by default; G.711 is at 8 kHz by default.
 * @throws {SpeechError} `VOICE_UNKNOWN`, `FORMAT_UNKNOWN`, `SPEED_OUT_OF_RANGE`, `OPTION_INVALID` for the
 * sample rate.
 */
export function readSpeakQuery(query: URLSearchParams, voices: readonly VoiceInfo[]): SpeakQuery {
  return {
    ...readManner(query, voices),
    format: findEncoding(query.get('encoding') ?? 'linear16', query.get('sample_rate')),
  };
}

/**
 * Reads the query of a `POST /v1/speak`; what it does not know is ignored.
 *
 * @param query - As {@link readSpeakQuery}, and `container`, `bit_rate` in bits a second.
 * @param voices - The engine's.
 * @returns What it asks for: MP3 in the first voice by default.
 * @throws {SpeechError} As {@link readSpeakQuery}, `OPTION_INVALID` for the bit rate too.
 */
export function readSpeakFileQuery(
  query: URLSearchParams,
  voices: readonly VoiceInfo[],
): SpeakQuery {
  const encoding = query.get('encoding') ?? 'mp3';
  const containers = FILE_FORMATS[checkKnown('encoding', encoding, Object.keys(FILE_FORMATS))]!;
  const known = Object.keys(containers);
  const container = checkKnown('container', query.get('container') ?? known[0]!, known);
  const format = atFileRate(AUDIO_FORMATS[containers[container]!], query.get('sample_rate'));
  const bitRate = query.get('bit_rate');
  return {
    ...readManner(query, voices),
    format: bitRate === null ? format : atBitRate(format, Number(bitRate)),
  };
}

/** Voice and speed. */
function readManner(
  query: URLSearchParams,
  voices: readonly VoiceInfo[],
): Omit<SpeakQuery, 'format'> {
  const speed = Number(query.get('speed') ?? 1);
  checkSpeed(speed);
  return { ...findVoice(query.get('model') ?? '', voices), speed };
}

function findVoice(
  model: string,
  voices: readonly VoiceInfo[],
): Pick<SpeakQuery, 'voice' | 'isSubstitute'> {
  const first = voices[0]!.id;
  if (model === '') {
    return { voice: first, isSubstitute: false };
  }
  const name = DEEPGRAM_MODEL.exec(model.toLowerCase())?.[1];
  if (name === undefined) {
    return { voice: resolveVoice(model, voices), isSubstitute: false };
  }
  try {
    return { voice: resolveVoice(name, voices), isSubstitute: false };
  } catch {
    return { voice: first, isSubstitute: true };
  }
}

function findEncoding(encoding: string, sampleRate: string | null): AudioFormat {
  const name = checkKnown('encoding', encoding, Object.keys(ENCODINGS)) as keyof typeof ENCODINGS;
  const format = AUDIO_FORMATS[ENCODINGS[name]];
  return sampleRate === null ? format : atSampleRate(format, Number(sampleRate));
}

/** Unlike in a stream of ours, MP3, AAC and FLAC may have any rate that PCM may have. */
function atFileRate(format: AudioFormat, sampleRate: string | null): AudioFormat {
  const rate = Number(sampleRate);
  const isFree = format.needsFfmpeg && format.name !== 'opus';
  if (isFree && PCM_SAMPLE_RATES.includes(rate)) {
    return { ...format, sampleRate: rate };
  }
  return sampleRate === null ? format : atSampleRate(format, rate);
}

function atBitRate(format: AudioFormat, bitRate: number): AudioFormat {
  const { min, max } = BIT_RATE_RANGE;
  if (!HAS_BIT_RATE.has(format.name) || !(bitRate >= min && bitRate <= max)) {
    throw new SpeechError(
      'OPTION_INVALID',
      `bit_rate is ${bitRate}; it must be ${min} to ${max}, for ${[...HAS_BIT_RATE].join(', ')}.`,
      { param: 'bit_rate' },
    );
  }
  return { ...format, bitrateKbps: bitRate / 1000 };
}

function checkKnown(param: string, value: string, known: readonly string[]): string {
  if (!known.includes(value)) {
    throw new SpeechError(
      'FORMAT_UNKNOWN',
      `${param} is ${JSON.stringify(value.slice(0, 40))}; it must be one of ${known.join(', ')}.`,
      { param },
    );
  }
  return value;
}
