import wavefile from 'wavefile';
import { SpeechError } from '../errors.js';
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
const MULAW_DEPTH = '8m';
const ALAW_DEPTH = '8a';
const ADPCM_DEPTH = '4';

/** Reads sample number `index` of interleaved samples as a number in about `[-1, 1]`. */
type SampleReader = (view: DataView, index: number) => number;

// the encodings nearly all files have; everything else goes through wavefile's own conversion,
// which is several times slower
const READERS: Readonly<Record<string, SampleReader>> = {
  '8': (view, index) => (view.getUint8(index) - 128) / 128,
  '16': (view, index) => view.getInt16(index * 2, true) / 32_768,
  '24': (view, index) =>
    (view.getUint16(index * 3, true) | (view.getInt8(index * 3 + 2) << 16)) / 8_388_608,
  '32': (view, index) => view.getInt32(index * 4, true) / 2_147_483_648,
  '32f': (view, index) => view.getFloat32(index * 4, true),
  '64': (view, index) => view.getFloat64(index * 8, true),
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
  const { numChannels, sampleRate } = wav.fmt as { numChannels: number; sampleRate: number };
  const { min, max } = SAMPLE_RATE_RANGE;
  if (numChannels < 1 || numChannels > MAX_CHANNELS || sampleRate < min || sampleRate > max) {
    throw new SpeechError(
      'AUDIO_INVALID',
      `The WAV file has ${numChannels} channels at ${sampleRate} Hz; 1 to ${MAX_CHANNELS} at ${min} to ${max} Hz can be read.`,
      { numChannels, sampleRate },
    );
  }
  const samples = mixToMono(
    wav,
    bytes.subarray(data.offset, data.offset + data.numBytes),
    numChannels,
  );
  if (samples.length === 0) {
    throw new SpeechError('AUDIO_EMPTY', 'The WAV file has 0 samples.');
  }
  return { samples, sampleRate };
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
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  const isLittleEndian = copy[3] !== 'X'.charCodeAt(0);
  view.setUint32(4, copy.length - 8, isLittleEndian);
  view.setUint32(offset - 4, numBytes, isLittleEndian);
  return copy;
}

function mixToMono(wav: wavefile.WaveFile, data: Uint8Array, numChannels: number): Float32Array {
  const read = wav.container === 'RIFX' ? undefined : READERS[wav.bitDepth];
  if (read === undefined) {
    return mixSlowly(wav, numChannels);
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const bytesPerSample = Math.ceil(parseInt(wav.bitDepth, 10) / 8);
  const mono = new Float32Array(Math.floor(data.length / (bytesPerSample * numChannels)));
  for (let index = 0; index < mono.length; index++) {
    let sum = 0;
    for (let channel = 0; channel < numChannels; channel++) {
      sum += read(view, index * numChannels + channel);
    }
    mono[index] = clip(sum / numChannels);
  }
  return mono;
}

function mixSlowly(wav: wavefile.WaveFile, numChannels: number): Float32Array {
  let interleaved: Float64Array;
  try {
    if (wav.bitDepth === MULAW_DEPTH) {
      wav.fromMuLaw();
    } else if (wav.bitDepth === ALAW_DEPTH) {
      wav.fromALaw();
    } else if (wav.bitDepth === ADPCM_DEPTH) {
      wav.fromIMAADPCM();
    }
    wav.toBitDepth('64');
    interleaved = wav.getSamples(true);
  } catch (cause) {
    throw new SpeechError(
      'AUDIO_INVALID',
      `The WAV file has an encoding that cannot be read (bit depth ${wav.bitDepth}).`,
      { bitDepth: wav.bitDepth },
      { cause },
    );
  }
  const mono = new Float32Array(Math.floor(interleaved.length / numChannels));
  for (let index = 0; index < mono.length; index++) {
    let sum = 0;
    for (let channel = 0; channel < numChannels; channel++) {
      sum += interleaved[index * numChannels + channel]!;
    }
    mono[index] = clip(sum / numChannels);
  }
  return mono;
}

function clip(sample: number): number {
  return Number.isFinite(sample) ? Math.min(1, Math.max(-1, sample)) : 0;
}
