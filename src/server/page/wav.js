const HEADER_BYTES = 44;

/**
 * Makes a WAV file: 16 bits, mono.
 *
 * `parts` hold the samples, little-endian; of them, `numSamples` are taken.
 */
export function toWav(parts, numSamples, sampleRate) {
  const numBytes = numSamples * 2;
  const header = new DataView(new ArrayBuffer(HEADER_BYTES));
  const tag = (offset, text) => {
    for (let index = 0; index < 4; index++) header.setUint8(offset + index, text.charCodeAt(index));
  };
  tag(0, 'RIFF');
  header.setUint32(4, HEADER_BYTES - 8 + numBytes, true);
  tag(8, 'WAVE');
  tag(12, 'fmt ');
  header.setUint32(16, 16, true);
  header.setUint16(20, 1, true); // PCM
  header.setUint16(22, 1, true); // channels
  header.setUint32(24, sampleRate, true);
  header.setUint32(28, sampleRate * 2, true);
  header.setUint16(32, 2, true);
  header.setUint16(34, 16, true);
  tag(36, 'data');
  header.setUint32(40, numBytes, true);
  const samples = new Blob(parts).slice(0, numBytes);
  return new Blob([header.buffer, samples], { type: 'audio/wav' });
}
