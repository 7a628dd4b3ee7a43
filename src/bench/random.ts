import { fillUniform } from '../../tts/noise.js';

const BLOCK_SIZE = 64;
/** Blocks after which the numbers of the next stream begin. */
const BLOCKS_PER_STREAM = 2 ** 16;

/**
 * Makes a source of random numbers that are the same in each run, whatever other streams draw.
 *
 * @param seed - 0 to 2^32 - 1.
 * @param stream - 0 to 65,535; streams get independent numbers from one seed.
 * @returns Draws a number in the open interval `(min, max)`.
 */
export function createRandom(seed: number, stream: number): (min: number, max: number) => number {
  const block = new Float32Array(BLOCK_SIZE);
  let position = stream * BLOCKS_PER_STREAM;
  let used = BLOCK_SIZE;
  return (min, max) => {
    if (used === BLOCK_SIZE) {
      fillUniform(block, seed, 'sampling', position++);
      used = 0;
    }
    return min + block[used++]! * (max - min);
  };
}
