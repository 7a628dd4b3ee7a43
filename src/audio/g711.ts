const MULAW_BIAS = 0x84;
const MULAW_CLIP = 32_635;

/**
 * Encodes 16-bit samples as G.711 mu-law (ITU-T G.711, PCMU).
 *
 * @param samples - Signed 16-bit samples.
 * @returns One byte per sample; silence is 0xff.
 */
export function encodeMulaw(samples: Int16Array): Uint8Array {
  const bytes = new Uint8Array(samples.length);
  for (let index = 0; index < samples.length; index++) {
    const sample = samples[index]!;
    const sign = sample < 0 ? 0x80 : 0;
    const magnitude = Math.min(Math.abs(sample), MULAW_CLIP) + MULAW_BIAS;
    // the bias makes bit 7 the lowest possible leading bit: segment 0
    const segment = 24 - Math.clz32(magnitude);
    const step = (magnitude >> (segment + 3)) & 0x0f;
    bytes[index] = ~(sign | (segment << 4) | step) & 0xff;
  }
  return bytes;
}

/**
 * Encodes 16-bit samples as G.711 A-law (ITU-T G.711, PCMA).
 *
 * @param samples - Signed 16-bit samples; A-law keeps their upper 13 bits.
 * @returns One byte per sample; silence is 0xd5.
 */
export function encodeAlaw(samples: Int16Array): Uint8Array {
  const bytes = new Uint8Array(samples.length);
  for (let index = 0; index < samples.length; index++) {
    const sample = samples[index]!;
    const sign = sample < 0 ? 0 : 0x80;
    // one's complement for negatives, as the recommendation counts them: -1 is the first step down
    const magnitude = (sample < 0 ? ~sample : sample) >> 3;
    const segment = Math.max(0, 27 - Math.clz32(magnitude));
    const step = (segment === 0 ? magnitude >> 1 : magnitude >> segment) & 0x0f;
    bytes[index] = (sign | (segment << 4) | step) ^ 0x55;
  }
  return bytes;
}

/**
 * Decodes one G.711 mu-law code.
 *
 * @param code - 0 to 255.
 * @returns A signed 16-bit sample, in the middle of the code's step.
 */
export function decodeMulaw(code: number): number {
  const inverted = ~code & 0xff;
  const segment = (inverted >> 4) & 0x07;
  const magnitude = ((((inverted & 0x0f) << 3) | MULAW_BIAS) << segment) - MULAW_BIAS;
  return inverted & 0x80 ? -magnitude : magnitude;
}

/**
 * Decodes one G.711 A-law code.
 *
 * @param code - 0 to 255.
 * @returns A signed 16-bit sample, in the middle of the code's step.
 */
export function decodeAlaw(code: number): number {
  const toggled = code ^ 0x55;
  const segment = (toggled >> 4) & 0x07;
  const step = ((toggled & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return toggled & 0x80 ? magnitude : -magnitude;
}
