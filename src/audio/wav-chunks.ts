import { SpeechError } from '../../base/errors.js';

/** Where the samples of a WAV file lie. */
export type WavDataChunk = {
  /** Offset in bytes of the first sample. */
  offset: number;
  /** Bytes of samples that are really there. */
  numBytes: number;
  /** Whether the header names a size; streams leave it at 0 or 0xFFFFFFFF. */
  isSizeKnown: boolean;
};

// writers to a pipe leave 0xFFFFFFFF (ffmpeg, OpenAI, Linnet) or just under 0x7FFFFFFF (SoX)
const LARGEST_REAL_SIZE = 0x7fff_f000;

/**
 * Tells whether bytes begin like a WAV file.
 *
 * @param bytes - The file, or at least its first 12 bytes.
 * @returns True for RIFF, RIFX and RF64 containers of type WAVE.
 */
export function isWav(bytes: Uint8Array): boolean {
  const container = tagAt(bytes, 0);
  return ['RIFF', 'RIFX', 'RF64'].includes(container) && tagAt(bytes, 8) === 'WAVE';
}

/**
 * Finds the samples in a WAV file by walking over its chunks.
 *
 * @param bytes - The whole file.
 * @returns Where the samples are.
 * @throws {SpeechError} `AUDIO_INVALID` if there is no data chunk, or the file ends before the size
 * that its header names.
 */
export function findWavData(bytes: Uint8Array): WavDataChunk {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLittleEndian = tagAt(bytes, 0) !== 'RIFX';
  const riffSize = bytes.length >= 8 ? view.getUint32(4, isLittleEndian) : 0;
  const isStream = riffSize === 0 || riffSize > LARGEST_REAL_SIZE;
  let offset = 12;
  while (offset + 8 <= bytes.length) {
    const declared = view.getUint32(offset + 4, isLittleEndian);
    const start = offset + 8;
    const available = bytes.length - start;
    if (tagAt(bytes, offset) === 'data') {
      if (declared > LARGEST_REAL_SIZE || (declared === 0 && isStream)) {
        return { offset: start, numBytes: available, isSizeKnown: false };
      }
      if (declared > available) {
        throw new SpeechError(
          'AUDIO_INVALID',
          `The WAV file is cut short: its header names ${declared} bytes of samples, ${available} are there.`,
          { declared, available },
        );
      }
      return { offset: start, numBytes: declared, isSizeKnown: true };
    }
    // chunks are padded to an even length
    offset = start + declared + (declared % 2);
  }
  throw new SpeechError('AUDIO_INVALID', 'The WAV file has no samples: its data chunk is missing.');
}

function tagAt(bytes: Uint8Array, offset: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + 4));
}
