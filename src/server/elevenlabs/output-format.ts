import { SpeechError } from '../../../base/errors.js';
import { varyFormat, type AudioFormat, type AudioFormatName } from '../../audio/formats.js';

const RAW_RATES = [8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];
const BITRATES = [32, 64, 96, 128, 192];

/** What is sent unless the request names an `output_format`. */
export const DEFAULT_OUTPUT_FORMAT = 'mp3_44100_128';

const FORMATS: ReadonlyMap<string, AudioFormat> = new Map([
  ['mp3_22050_32', varyFormat('mp3', { sampleRate: 22_050, bitrateKbps: 32 })],
  ['mp3_24000_48', varyFormat('mp3', { sampleRate: 24_000, bitrateKbps: 48 })],
  ...compressed('mp3', 44_100),
  ...compressed('opus', 48_000),
  ...raw('pcm'),
  ...raw('wav'),
  ['ulaw_8000', varyFormat('mulaw', {})],
  ['alaw_8000', varyFormat('alaw', {})],
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

function compressed(name: 'mp3' | 'opus', sampleRate: number): [string, AudioFormat][] {
  return BITRATES.map((bitrateKbps) => [
    `${name}_${sampleRate}_${bitrateKbps}`,
    varyFormat(name, { sampleRate, bitrateKbps }),
  ]);
}

function raw(name: AudioFormatName): [string, AudioFormat][] {
  return RAW_RATES.map((sampleRate) => [`${name}_${sampleRate}`, varyFormat(name, { sampleRate })]);
}
