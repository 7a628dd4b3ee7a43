import type { AudioFormat } from './formats.js';
import { makeWavHeader, WAV_HEADER_BYTES } from './wav-header.js';

/** Bytes to write over the beginning of a finished file. */
export type HeaderPatch = { offset: number; bytes: Uint8Array };

// "fLaC", a block header of 4 bytes, 10 bytes of block and frame sizes; then come 20 bits of sample
// rate, 3 of channels, 5 of bits per sample and 36 of total samples
const FLAC_TOTAL_OFFSET = 21;
const FLAC_HEADER_BYTES = 26;

/**
 * Works out what a header can only say once the end is known: exact sizes in WAV, the number of
 * samples in FLAC. Other formats need nothing.
 *
 * @param format - The format of the file.
 * @param head - The file's first 64 bytes, or all of it if it is shorter.
 * @param numBytes - The file's length in bytes.
 * @param numSamples - Samples that went into the encoder.
 * @returns The patch, or `undefined` if the file is complete as it is.
 */
export function patchHeader(
  format: AudioFormat,
  head: Uint8Array,
  numBytes: number,
  numSamples: number,
): HeaderPatch | undefined {
  if (format.name === 'wav' && numBytes >= WAV_HEADER_BYTES) {
    return { offset: 0, bytes: makeWavHeader(numBytes - WAV_HEADER_BYTES, format.sampleRate) };
  }
  if (format.name === 'flac' && head.length >= FLAC_HEADER_BYTES) {
    // not slice(), which gives a view if the head is a Buffer
    const bytes = new Uint8Array(head.subarray(FLAC_TOTAL_OFFSET, FLAC_HEADER_BYTES));
    const view = new DataView(bytes.buffer);
    // the upper 4 of the 36 bits share a byte with the bits per sample
    bytes[0] = (bytes[0]! & 0xf0) | Math.floor(numSamples / 2 ** 32);
    view.setUint32(1, numSamples % 2 ** 32, false);
    return { offset: FLAC_TOTAL_OFFSET, bytes };
  }
  return undefined;
}
