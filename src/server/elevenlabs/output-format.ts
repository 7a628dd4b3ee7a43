import { SpeechError } from '../../../base/errors.js';
import {
  AUDIO_FORMATS,
  PCM_SAMPLE_RATES,
  atSampleRate,
  type AudioFormat,
} from '../../audio/formats.js';

const BITRATES = [32, 64, 96, 128, 192];

/** What is sent unless the request names an `output_format`. */
export const DEFAULT_OUTPUT_FORMAT = 'mp3_44100_128';

const FORMATS: ReadonlyMap<string, AudioFormat> = new Map([
  compressed('mp3', 22_050, 32),
  compressed('mp3', 24_000, 48),
  ...BITRATES.map((bitrateKbps) => compressed('mp3', 44_100, bitrateKbps)),
  ...BITRATES.map((bitrateKbps) => compressed('opus', 48_000, bitrateKbps)),
  ...PCM_SAMPLE_RATES.map((sampleRate) => raw('pcm', sampleRate)),
  ...PCM_SAMPLE_RATES.map((sampleRate) => raw('wav', sampleRate)),
  ['ulaw_8000', AUDIO_FORMATS.mulaw],
  ['alaw_8000', AUDIO_FORMATS.alaw],
]);

/**
 * Finds the format that a name of ElevenLabs' stands for: codec, sample rate in Hz and, where there
 * is one, bitrate in kbps, such as `mp3_44100_128` or `pcm_16000`.
 *
 * @param name - The query's `output_format`.
 * @returns The format.
 * @throws {SpeechError} `FORMAT_UNKNOWN`.
 */
export function findOutputFormat(name: string): AudioFormat {
  const format = FORMATS.get(name);
  if (format === undefined) {
    throw new SpeechError(
      'FORMAT_UNKNOWN',
      `output_format is ${JSON.stringify(name.slice(0, 40))}; it must be one of ${[...FORMATS.keys()].join(', ')}.`,
      { param: 'output_format' },
    );
  }
  return format;
}

function compressed(
  name: 'mp3' | 'opus',
  sampleRate: number,
  bitrateKbps: number,
): [string, AudioFormat] {
  const format = { ...AUDIO_FORMATS[name], sampleRate, bitrateKbps };
  return [`${name}_${sampleRate}_${bitrateKbps}`, format];
}

function raw(name: 'pcm' | 'wav', sampleRate: number): [string, AudioFormat] {
  return [`${name}_${sampleRate}`, atSampleRate(AUDIO_FORMATS[name], sampleRate)];
}
