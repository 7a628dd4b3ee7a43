import { extname } from 'node:path';
import { SpeechError } from '../../base/errors.js';
import type { Codec } from '../../codecs/contract.js';
import type { LntTags } from '../../codecs/lnt/lnt-header.js';

/** What Linnet knows about one output format. */
export type AudioFormat = {
  /** Name in options and in `response_format`. */
  name: AudioFormatName;
  /** Content-Type of a response in this format. */
  contentType: string;
  /** File name extension, without the dot. */
  extension: string;
  /** Sample rate of the encoded audio in Hz. */
  sampleRate: number;
  /** Bitrate of the encoded audio, where the format has one; by default the encoder chooses. */
  bitrateKbps?: number;
  /** Whether the format is made by ffmpeg rather than in process. */
  needsFfmpeg: boolean;
  /** Levels to keep, of `lnt`; the codec's by default. */
  numCodebooks?: number;
  /** What `lnt` is made with; without it nothing can be encoded to it. */
  making?: LntMaking;
};

/** How a `.lnt` file is made. */
export type LntMaking = {
  loadCodec: () => Promise<Codec>;
  /** What the file shall say. */
  tags?: LntTags;
  /** Length of its blocks, a second without it. */
  blockSeconds?: number;
};

/** The names of the formats Linnet writes, in the order in which they are listed to users. */
export const AUDIO_FORMAT_NAMES = [
  'wav',
  'pcm',
  'mulaw',
  'alaw',
  'mp3',
  'opus',
  'aac',
  'm4a',
  'flac',
  'lnt',
] as const;

/** One of {@link AUDIO_FORMAT_NAMES}. */
export type AudioFormatName = (typeof AUDIO_FORMAT_NAMES)[number];

/** Sample rate in Hz of everything inside Linnet. */
export const SPEECH_SAMPLE_RATE = 24_000;

/** Sample rates in Hz at which formats that are made in process can be had. */
export const PCM_SAMPLE_RATES: readonly number[] = [
  8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000,
];

/** Content-Type of `.lnt` files. */
export const LNT_CONTENT_TYPE = 'application/vnd.linnet.lnt';

const TELEPHONE_SAMPLE_RATE = 8_000;

/**
 * Every format by name. `pcm` is signed 16-bit little-endian, mono, 24 kHz, as OpenAI's clients
 * expect; `mulaw` and `alaw` are G.711 at 8 kHz without a header, as telephony expects; `opus` is
 * in an Ogg container; `aac` is ADTS; `m4a` is AAC in MP4; `lnt` is tokens of a codec.
 */
export const AUDIO_FORMATS: Readonly<Record<AudioFormatName, AudioFormat>> = {
  wav: inProcess('wav', 'audio/wav', 'wav', SPEECH_SAMPLE_RATE),
  pcm: inProcess('pcm', 'audio/pcm', 'pcm', SPEECH_SAMPLE_RATE),
  mulaw: inProcess('mulaw', 'audio/basic', 'ulaw', TELEPHONE_SAMPLE_RATE),
  alaw: inProcess('alaw', 'audio/x-alaw-basic', 'alaw', TELEPHONE_SAMPLE_RATE),
  mp3: byFfmpeg('mp3', 'audio/mpeg', 'mp3', SPEECH_SAMPLE_RATE),
  opus: byFfmpeg('opus', 'audio/ogg; codecs=opus', 'opus', SPEECH_SAMPLE_RATE),
  aac: byFfmpeg('aac', 'audio/aac', 'aac', SPEECH_SAMPLE_RATE),
  m4a: byFfmpeg('m4a', 'audio/mp4', 'm4a', SPEECH_SAMPLE_RATE),
  flac: byFfmpeg('flac', 'audio/flac', 'flac', SPEECH_SAMPLE_RATE),
  lnt: inProcess('lnt', LNT_CONTENT_TYPE, 'lnt', SPEECH_SAMPLE_RATE),
};

const EXTENSIONS: ReadonlyMap<string, AudioFormatName> = new Map([
  ['.wav', 'wav'],
  ['.wave', 'wav'],
  ['.pcm', 'pcm'],
  ['.raw', 'pcm'],
  ['.s16', 'pcm'],
  ['.ulaw', 'mulaw'],
  ['.mulaw', 'mulaw'],
  ['.ul', 'mulaw'],
  ['.alaw', 'alaw'],
  ['.al', 'alaw'],
  ['.mp3', 'mp3'],
  ['.opus', 'opus'],
  ['.ogg', 'opus'],
  ['.oga', 'opus'],
  ['.aac', 'aac'],
  ['.m4a', 'm4a'],
  ['.mp4', 'm4a'],
  ['.flac', 'flac'],
  ['.lnt', 'lnt'],
]);

/**
 * Finds a format by its name.
 *
 * @param name - A name, in any case.
 * @returns The format.
 * @throws {SpeechError} `FORMAT_UNKNOWN` if there is none of that name.
 */
export function findFormat(name: string): AudioFormat {
  const lower = name.toLowerCase();
  const known = AUDIO_FORMAT_NAMES.find((candidate) => candidate === lower);
  if (known === undefined) {
    throw new SpeechError(
      'FORMAT_UNKNOWN',
      `format is ${JSON.stringify(name.slice(0, 40))}; it must be one of ${AUDIO_FORMAT_NAMES.join(', ')}.`,
    );
  }
  return AUDIO_FORMATS[known];
}

/**
 * A format at another sample rate.
 *
 * @param format - One that is made in process.
 * @param sampleRate - Hz; one of {@link PCM_SAMPLE_RATES}.
 * @returns A format like it.
 * @throws {SpeechError} `OPTION_INVALID` if the rate is none of these, or the format's is fixed.
 */
export function atSampleRate(format: AudioFormat, sampleRate: number): AudioFormat {
  if (sampleRate === format.sampleRate) {
    return format;
  }
  if (format.needsFfmpeg || format.name === 'lnt') {
    throw new SpeechError(
      'OPTION_INVALID',
      `sample_rate is ${sampleRate}; that of ${format.name} is ${format.sampleRate}.`,
      { param: 'sample_rate', sampleRate },
    );
  }
  if (!PCM_SAMPLE_RATES.includes(sampleRate)) {
    throw new SpeechError(
      'OPTION_INVALID',
      `sample_rate is ${sampleRate}; it must be one of ${PCM_SAMPLE_RATES.join(', ')}.`,
      { param: 'sample_rate', sampleRate },
    );
  }
  return { ...format, sampleRate };
}

/**
 * Finds the format a file should have by its name.
 *
 * @param path - A file path.
 * @returns The format, or `undefined` if the name has no extension, as that of a device or a pipe.
 * @throws {SpeechError} `FORMAT_UNKNOWN` if it has one that stands for no format.
 */
export function formatOfPath(path: string): AudioFormat | undefined {
  const extension = extname(path).toLowerCase();
  if (extension === '') {
    return undefined;
  }
  const name = EXTENSIONS.get(extension);
  if (name === undefined) {
    throw new SpeechError(
      'FORMAT_UNKNOWN',
      `${path} ends in ${extension}; it must end in one of ${[...EXTENSIONS.keys()].join(', ')}, or the format must be named.`,
      { path, extension },
    );
  }
  return AUDIO_FORMATS[name];
}

function inProcess(
  name: AudioFormatName,
  contentType: string,
  extension: string,
  sampleRate: number,
): AudioFormat {
  return { name, contentType, extension, sampleRate, needsFfmpeg: false };
}

function byFfmpeg(
  name: AudioFormatName,
  contentType: string,
  extension: string,
  sampleRate: number,
): AudioFormat {
  return { name, contentType, extension, sampleRate, needsFfmpeg: true };
}
