import { SpeechError } from '../../../base/errors.js';
import { checkSpeed } from '../../../tts/time-stretch/index.js';
import type { VoiceInfo } from '../../../tts/types.js';
import { resolveVoice } from '../../../tts/voices/resolve-voice.js';
import { atSampleRate, AUDIO_FORMATS, type AudioFormat } from '../../audio/formats.js';

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
  const speed = Number(query.get('speed') ?? 1);
  checkSpeed(speed);
  return {
    ...findVoice(query.get('model') ?? '', voices),
    format: findEncoding(query.get('encoding') ?? 'linear16', query.get('sample_rate')),
    speed,
  };
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
  const known = Object.keys(ENCODINGS) as (keyof typeof ENCODINGS)[];
  const name = known.find((candidate) => candidate === encoding);
  if (name === undefined) {
    throw new SpeechError(
      'FORMAT_UNKNOWN',
      `encoding is ${JSON.stringify(encoding.slice(0, 40))}; it must be one of ${known.join(', ')}.`,
      { param: 'encoding' },
    );
  }
  const format = AUDIO_FORMATS[ENCODINGS[name]];
  return sampleRate === null ? format : atSampleRate(format, Number(sampleRate));
}
