/**
 * Random numbers that depend on a seed and a position only, never on how many were drawn before:
 * a stream that is cut differently, or interleaved with others, gets the same numbers.
 *
 * The generator is Philox2x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
 */

const MULTIPLIER = 0xd256d193;
const WEYL = 0x9e3779b9;
const ROUNDS = 10;
const TWO_32 = 2 ** 32;

/** What the numbers are for; different purposes get independent numbers from one seed. */
export type NoisePurpose = 'sampling' | 'flow';

const PURPOSE_CODES: Readonly<Record<NoisePurpose, number>> = { sampling: 1, flow: 2 };

/**
 * Fills an array with uniform numbers.
 *
 * @param out - Receives numbers in the open interval `(0, 1)`; at most 131,072 of them.
 * @param seed - 0 to 2^32 - 1.
 * @param purpose - What they are for.
 * @param position - Absolute step or frame, 0 to 2^32 - 1.
 */
export function fillUniform(
  out: Float32Array,
  seed: number,
  purpose: NoisePurpose,
  position: number,
): void {
  const block = new Uint32Array(2);
  for (let index = 0; index < out.length; index += 2) {
    philox(block, position, PURPOSE_CODES[purpose] * 65536 + (index >> 1), seed);
    out[index] = toUniform(block[0]!);
    if (index + 1 < out.length) {
      out[index + 1] = toUniform(block[1]!);
    }
  }
}

/**
 * Fills an array with numbers of the standard normal distribution (Box and Muller 1958).
 *
 * @param out - Receives the numbers; at most 131,072 of them.
 * @param seed - 0 to 2^32 - 1.
 * @param purpose - What they are for.
 * @param position - Absolute step or frame, 0 to 2^32 - 1.
 * @param scale - Standard deviation.
 */
export function fillNormal(
  out: Float32Array,
  seed: number,
  purpose: NoisePurpose,
  position: number,
  scale = 1,
): void {
  const block = new Uint32Array(2);
  for (let index = 0; index < out.length; index += 2) {
    philox(block, position, PURPOSE_CODES[purpose] * 65536 + (index >> 1), seed);
    const radius = scale * Math.sqrt(-2 * Math.log((block[0]! + 0.5) / TWO_32));
    const angle = (2 * Math.PI * block[1]!) / TWO_32;
    out[index] = radius * Math.cos(angle);
    if (index + 1 < out.length) {
      out[index + 1] = radius * Math.sin(angle);
    }
  }
}

/** 24 bits, in the middle of their interval, so that float32 can be neither 0 nor 1. */
function toUniform(bits: number): number {
  return ((bits >>> 9) + 0.5) / 2 ** 23;
}

/** Writes the two words that belong to the counter `(low, high)` and the key. */
function philox(out: Uint32Array, low: number, high: number, key: number): void {
  let left = low >>> 0;
  let right = high >>> 0;
  let roundKey = key >>> 0;
  for (let round = 0; round < ROUNDS; round++) {
    const product = Math.imul(left, MULTIPLIER) >>> 0;
    const next = (multiplyHigh(left, MULTIPLIER) ^ roundKey ^ right) >>> 0;
    right = product;
    left = next;
    roundKey = (roundKey + WEYL) >>> 0;
  }
  out[0] = left;
  out[1] = right;
}

/** The upper 32 bits of a product of two unsigned 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(carry / 65536)) >>> 0;
}
