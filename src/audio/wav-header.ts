import wavefile from 'wavefile';
import { SPEECH_SAMPLE_RATE } from './formats.js';

/** Length in bytes of the header that {@link makeWavHeader} returns. */
export const WAV_HEADER_BYTES = 44;

const UNKNOWN_SIZE = 0xffff_ffff;
const RIFF_SIZE_OFFSET = 4;
const DATA_SIZE_OFFSET = 40;

/**
 * Makes the header of a 16-bit mono WAV stream or file.
 *
 * @param numDataBytes - Bytes of samples that follow. `undefined` where it cannot be known, in a
 * stream: both sizes are then 0xFFFFFFFF, which players read as "until the end". The same is
 * written above 4 GiB, where the field ends.
 * @param sampleRate - Hz.
 * @returns {@link WAV_HEADER_BYTES} bytes.
 */
export function makeWavHeader(
  numDataBytes: number | undefined,
  sampleRate: number = SPEECH_SAMPLE_RATE,
): Uint8Array {
  const wav = new wavefile.WaveFile();
  wav.fromScratch(1, sampleRate, '16', []);
  const header = wav.toBuffer().slice(0, WAV_HEADER_BYTES);
  const view = new DataView(header.buffer);
  const riffSize = (numDataBytes ?? Infinity) + WAV_HEADER_BYTES - 8;
  const isKnown = numDataBytes !== undefined && riffSize < UNKNOWN_SIZE;
  view.setUint32(RIFF_SIZE_OFFSET, isKnown ? riffSize : UNKNOWN_SIZE, true);
  view.setUint32(DATA_SIZE_OFFSET, isKnown ? numDataBytes : UNKNOWN_SIZE, true);
  return header;
}
