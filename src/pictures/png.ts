import { PNG } from 'pngjs';
import type { Canvas } from './canvas.js';

const RGB = 2;
/** Pixels as they are: neighbours are the same of few colours, of which their differences are more. */
const NO_FILTER = 0;
/** zlib's own strategy, to find what repeats itself; pngjs would look for runs only. */
const DEFAULT_STRATEGY = 0;

/**
 * Writes a picture as PNG.
 *
 * @param canvas - The picture.
 * @returns The file.
 */
export function encodePng({ width, height, pixels }: Canvas): Uint8Array {
  const png = new PNG({ width, height });
  png.data = Buffer.from(pixels.buffer, pixels.byteOffset, pixels.length);
  return PNG.sync.write(png, {
    colorType: RGB,
    filterType: NO_FILTER,
    deflateStrategy: DEFAULT_STRATEGY,
  });
}
