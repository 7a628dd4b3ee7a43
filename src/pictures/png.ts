import { PNG } from 'pngjs';
import type { Canvas } from './canvas.js';

const RGB = 2;

/**
 * Writes a picture as PNG.
 *
 * @param canvas - The picture.
 * @returns The file.
 */
export function encodePng({ width, height, pixels }: Canvas): Uint8Array {
  const png = new PNG({ width, height });
  png.data = Buffer.from(pixels.buffer, pixels.byteOffset, pixels.length);
  return PNG.sync.write(png, { colorType: RGB });
}
