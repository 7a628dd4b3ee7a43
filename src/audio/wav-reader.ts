import wavefile from 'wavefile';
import { SpeechError } from '../../base/errors.js';
import { SAMPLE_RATE_RANGE } from './resampler.js';
import { findWavData, isWav } from './wav-chunks.js';

/** Mono audio at the rate it was recorded with. */
export type MonoAudio = {
  /** Samples in `[-1, 1]`. */
  samples: Float32Array;
  /** Hz. */
  sampleRate: number;
};

const MAX_CHANNELS = 64;

// WAVE_FORMAT_* of mmreg.h
const FORMAT = { pcm: 1, float: 3, alaw: 6, mulaw: 7, imaAdpcm: 17, extensible: 0xfffe } as const;

/** Reads sample number `index` of interleaved samples as a number in about `[-1, 1]`. */
type SampleReader = (view: DataView, index: number) => number;

/** wavefile's `fmt`, as far as it is used here. */
type FormatChunk = {
  audioFormat: number;
  numChannels: number;
  sampleRate: number;
  bitsPerSample: number;
  subformat: number[];
};

// the encodings nearly all files have, by format and bytes per sample; what is not here goes through
// wavefile's own conversion, which is several times slower
const READERS: Readonly<Record<string, SampleReader>> = {
  'pcm 1': (view, index) => (view.getUint8(index) - 128) / 128,
  'pcm 2': (view, index) => view.getInt16(index * 2, true) / 32_768,
  'pcm 3': (view, index) =>
    (view.getUint16(index * 3, true) | (view.getInt8(index * 3 + 2) << 16)) / 8_388_608,
  'pcm 4': (view, index) => view.getInt32(index * 4, true) / 2_147_483_648,
  'float 4': (view, index) => view.getFloat32(index * 4, true),
  'float 8': (view, index) => view.getFloat64(index * 8, true),
};

/**
 * Reads a WAV file of any common kind: 8 to 64 bits, integer or float, G.711, IMA ADPCM, little- or
 * big-endian, any number of channels (their mean is taken). Sizes left open by a stream are read as
 * "until the end".
 *
 * @param bytes - The whole file.
 * @returns Its audio in mono. Samples outside `[-1, 1]` are clipped, those that are no number are 0.
 * @throws {SpeechError} `AUDIO_INVALID` if it is not a WAV file, is damaged or cut short, or has an
 * encoding, rate or channel count nobody uses; `AUDIO_EMPTY` if it has no samples.
 */
export function readWav(bytes: Uint8Array): MonoAudio {
  if (!isWav(bytes)) {
    throw new SpeechError(
      'AUDIO_INVALID',
      'The file is not a WAV file: its RIFF header is missing.',
    );
  }
  const data = findWavData(bytes);
  const wav = parse(data.isSizeKnown ? bytes : closeSizes(bytes, data.offset, data.numBytes));
  const fmt = wav.fmt as FormatChunk;
  const { sampleRate } = fmt;
  checkFormat(fmt);
  const samples = mixToMono(wav, bytes.subarray(data.offset, data.offset + data.numBytes));
  if (samples.length === 0) {
    throw new SpeechError('AUDIO_EMPTY', 'The WAV file has 0 samples.');
  }
  return { samples, sampleRate };
}

function checkFormat(fmt: FormatChunk): void {
  const { numChannels, sampleRate, bitsPerSample } = fmt;
  const { min, max } = SAMPLE_RATE_RANGE;
  if (numChannels < 1 || numChannels > MAX_CHANNELS || sampleRate < min || sampleRate > max) {
    throw new SpeechError(
      'AUDIO_INVALID',
      `The WAV file has ${numChannels} channels at ${sampleRate} Hz; 1 to ${MAX_CHANNELS} at ${min} to ${max} Hz can be read.`,
      { numChannels, sampleRate },
    );
  }
  const format = formatOf(fmt);
  const isReadable = {
    [FORMAT.pcm]: bitsPerSample >= 1 && bitsPerSample <= 32,
    [FORMAT.float]: bitsPerSample === 32 || bitsPerSample === 64,
    [FORMAT.alaw]: bitsPerSample === 8,
    [FORMAT.mulaw]: bitsPerSample === 8,
    [FORMAT.imaAdpcm]: bitsPerSample === 4 && numChannels === 1,
  }[format];
  if (isReadable !== true) {
    throw new SpeechError(
      'AUDIO_INVALID',
      `The WAV file has encoding ${format} with ${bitsPerSample} bits, which cannot be read.`,
      { format, bitsPerSample },
    );
  }
}

function formatOf({ audioFormat, subformat }: FormatChunk): number {
  return audioFormat === FORMAT.extensible ? (subformat[0] ?? 0) : audioFormat;
}

function parse(bytes: Uint8Array): wavefile.WaveFile {
  try {
    return new wavefile.WaveFile(bytes);
  } catch (cause) {
    throw new SpeechError(
      'AUDIO_INVALID',
      'The WAV file is damaged: its header cannot be read.',
      {},
      { cause },
    );
  }
}

/** Writes the true sizes into a copy of a stream's header, since wavefile believes the header. */
function closeSizes(bytes: Uint8Array, offset: number, numBytes: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  const view = new DataView(copy.buffer);
  const isLittleEndian = copy[3] !== 'X'.charCodeAt(0);
  view.setUint32(4, copy.length - 8, isLittleEndian);
  view.setUint32(offset - 4, numBytes, isLittleEndian);
  return copy;
}

function mixToMono(wav: wavefile.WaveFile, data: Uint8Array): Float32Array {
  const fmt = wav.fmt as FormatChunk;
  const format = formatOf(fmt);
  const kind = format === FORMAT.pcm ? 'pcm' : format === FORMAT.float ? 'float' : 'other';
  // odd widths such as 12 or 20 bits lie in the upper bits of whole bytes
  const bytesPerSample = Math.ceil(fmt.bitsPerSample / 8);
  const read = READERS[`${kind} ${bytesPerSample}`];
  if (read !== undefined && wav.container !== 'RIFX') {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const numSamples = Math.floor(data.length / bytesPerSample);
    return average(numSamples, fmt.numChannels, (index) => read(view, index));
  }
  // converting empties this object for a moment, and wavefile may leave it so
  const { numChannels } = fmt;
  const interleaved = convertSlowly(wav, format);
  return average(interleaved.length, numChannels, (index) => interleaved[index]!);
}

function convertSlowly(wav: wavefile.WaveFile, format: number): Float64Array {
  try {
    if (format === FORMAT.mulaw) {
      wav.fromMuLaw();
    } else if (format === FORMAT.alaw) {
      wav.fromALaw();
    } else if (format === FORMAT.imaAdpcm) {
      wav.fromIMAADPCM();
    }
    wav.toBitDepth('64');
    return wav.getSamples(true);
  } catch (cause) {
    throw new SpeechError('AUDIO_INVALID', 'The WAV file is damaged.', { format }, { cause });
  }
}

function average(
  numSamples: number,
  numChannels: number,
  read: (index: number) => number,
): Float32Array {
  const mono = new Float32Array(Math.floor(numSamples / numChannels));
  for (let index = 0; index < mono.length; index++) {
    let sum = 0;
    for (let channel = 0; channel < numChannels; channel++) {
      sum += read(index * numChannels + channel);
    }
    mono[index] = clip(sum / numChannels);
  }
  return mono;
}

function clip(sample: number): number {
  return Number.isFinite(sample) ? Math.min(1, Math.max(-1, sample)) : 0;
}
