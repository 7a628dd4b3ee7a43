import { SpeechError } from '../../base/errors.js';
import { decodeAlaw, decodeMulaw } from './g711.js';
import { SAMPLE_RATE_RANGE } from './resampler.js';

/** What a WAV file's `fmt ` chunk says. */
export type WavFormat = {
  /** A WAVE_FORMAT_* of mmreg.h; that of the subformat for WAVE_FORMAT_EXTENSIBLE. */
  encoding: number;
  numChannels: number;
  /** Hz. */
  sampleRate: number;
  bitsPerSample: number;
};

/** Reads the sample at a byte offset as a number in about `[-1, 1]`. */
export type SampleReader = (view: DataView, offset: number, isLittleEndian: boolean) => number;

const MAX_CHANNELS = 64;
const ENCODING = { pcm: 1, float: 3, alaw: 6, mulaw: 7, extensible: 0xfffe } as const;
const READABLE: ReadonlySet<number> = new Set([
  ENCODING.pcm,
  ENCODING.float,
  ENCODING.alaw,
  ENCODING.mulaw,
]);

// by encoding and bytes per sample
const READERS: Readonly<Record<string, SampleReader>> = {
  '1 1': (view, offset) => (view.getUint8(offset) - 128) / 128,
  '1 2': (view, offset, isLittleEndian) => view.getInt16(offset, isLittleEndian) / 32_768,
  '1 3': (view, offset, isLittleEndian) =>
    (isLittleEndian
      ? view.getUint16(offset, true) | (view.getInt8(offset + 2) << 16)
      : (view.getInt8(offset) << 16) | view.getUint16(offset + 1, false)) / 8_388_608,
  '1 4': (view, offset, isLittleEndian) => view.getInt32(offset, isLittleEndian) / 2_147_483_648,
  '3 4': (view, offset, isLittleEndian) => view.getFloat32(offset, isLittleEndian),
  '3 8': (view, offset, isLittleEndian) => view.getFloat64(offset, isLittleEndian),
  '6 1': (view, offset) => decodeAlaw(view.getUint8(offset)) / 32_768,
  '7 1': (view, offset) => decodeMulaw(view.getUint8(offset)) / 32_768,
};

/**
 * Tells whether bytes begin like a WAV file.
 *
 * @param bytes - The file, or at least its first 12 bytes.
 * @returns True for RIFF, RIFX and RF64 containers of type WAVE.
 */
export function isWav(bytes: Uint8Array): boolean {
  return ['RIFF', 'RIFX', 'RF64'].includes(tagAt(bytes, 0)) && tagAt(bytes, 8) === 'WAVE';
}

/**
 * Reads a `fmt ` chunk.
 *
 * @param view - The chunk's content.
 * @param isLittleEndian - False in RIFX.
 * @returns What it says.
 * @throws {SpeechError} `AUDIO_INVALID` if it is too short.
 */
export function parseFormat(view: DataView, isLittleEndian: boolean): WavFormat {
  const tag = view.byteLength >= 16 ? view.getUint16(0, isLittleEndian) : 0;
  const isExtensible = tag === ENCODING.extensible;
  if (view.byteLength < (isExtensible ? 26 : 16)) {
    throw new SpeechError('AUDIO_INVALID', 'The WAV file is damaged: its format is cut short.');
  }
  return {
    encoding: isExtensible ? view.getUint16(24, isLittleEndian) : tag,
    numChannels: view.getUint16(2, isLittleEndian),
    sampleRate: view.getUint32(4, isLittleEndian),
    bitsPerSample: view.getUint16(14, isLittleEndian),
  };
}

/**
 * Tells whether an encoding is read in process: integers, floats and G.711. All else is ffmpeg's.
 *
 * @param format - The format.
 * @returns False for ADPCM, GSM, MP3 in WAV and the like.
 */
export function isReadInProcess({ encoding }: WavFormat): boolean {
  return READABLE.has(encoding);
}

/**
 * Finds the way to read the samples of a format.
 *
 * @param format - The format.
 * @returns The reader, and the bytes each sample of one channel takes.
 * @throws {SpeechError} `AUDIO_INVALID` for an encoding, rate or channel count nobody uses.
 */
export function findReader(format: WavFormat): { read: SampleReader; bytesPerSample: number } {
  const { encoding, numChannels, sampleRate, bitsPerSample } = format;
  const { min, max } = SAMPLE_RATE_RANGE;
  if (numChannels < 1 || numChannels > MAX_CHANNELS || sampleRate < min || sampleRate > max) {
    throw new SpeechError(
      'AUDIO_INVALID',
      `The WAV file has ${numChannels} channels at ${sampleRate} Hz; 1 to ${MAX_CHANNELS} at ${min} to ${max} Hz can be read.`,
      { numChannels, sampleRate },
    );
  }
  // odd widths such as 12 or 20 bits lie in the upper bits of whole bytes
  const isWhole = encoding === ENCODING.pcm || bitsPerSample % 8 === 0;
  const bytesPerSample = Math.ceil(bitsPerSample / 8);
  const read = isWhole ? READERS[`${encoding} ${bytesPerSample}`] : undefined;
  if (read === undefined) {
    throw new SpeechError(
      'AUDIO_INVALID',
      `The WAV file has encoding ${encoding} with ${bitsPerSample} bits, which cannot be read.`,
      { encoding, bitsPerSample },
    );
  }
  return { read, bytesPerSample };
}

/**
 * Reads four bytes as text.
 *
 * @param bytes - The bytes.
 * @param offset - Where the four begin.
 * @returns The characters, fewer at the end of `bytes`.
 */
export function tagAt(bytes: Uint8Array, offset: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + 4));
}
