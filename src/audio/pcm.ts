const FULL_SCALE = 32_768;

/**
 * Turns samples into signed 16-bit integers.
 *
 * @param samples - Float samples; full scale is `[-1, 1]`. What lies outside is clipped, it never
 * wraps around; NaN becomes 0.
 * @returns Integers in `[-32768, 32767]`, as many as `samples`; `-1` becomes -32768.
 */
export function toS16(samples: Float32Array): Int16Array {
  const integers = new Int16Array(samples.length);
  for (let index = 0; index < samples.length; index++) {
    const scaled = Math.round(samples[index]! * FULL_SCALE);
    // written so that NaN falls through to 0, which is what the array holds already
    if (scaled >= FULL_SCALE - 1) {
      integers[index] = FULL_SCALE - 1;
    } else if (scaled <= -FULL_SCALE) {
      integers[index] = -FULL_SCALE;
    } else if (scaled === scaled) {
      integers[index] = scaled;
    }
  }
  return integers;
}

/**
 * Turns samples into little-endian signed 16-bit bytes, on machines of either endianness.
 *
 * @param samples - Float samples; clipped as by {@link toS16}.
 * @returns Two bytes per sample.
 */
export function toS16Bytes(samples: Float32Array): Uint8Array {
  const integers = toS16(samples);
  const bytes = new Uint8Array(integers.length * 2);
  for (let index = 0; index < integers.length; index++) {
    const value = integers[index]!;
    bytes[index * 2] = value & 0xff;
    bytes[index * 2 + 1] = (value >> 8) & 0xff;
  }
  return bytes;
}
