import type { Colour } from './colours.js';
import { GLYPH_SIZE, GLYPHS } from './font.js';

/** A picture in the making, white at first. Coordinates count from the upper left corner. */
export class Canvas {
  /** Size in pixels. */
  readonly width: number;
  readonly height: number;
  /** `[height, width, 4]`: red, green, blue and opacity, which is 255. */
  readonly pixels: Uint8Array;

  /**
   * @param width - Pixels, at least 1.
   * @param height - Likewise.
   */
  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.pixels = new Uint8Array(4 * width * height).fill(255);
  }

  /**
   * Colours one pixel.
   *
   * @param x - Column, inside the picture.
   * @param y - Row, likewise.
   * @param colour - Its colour.
   */
  set(x: number, y: number, colour: Colour): void {
    const offset = 4 * (y * this.width + x);
    this.pixels[offset] = colour[0];
    this.pixels[offset + 1] = colour[1];
    this.pixels[offset + 2] = colour[2];
  }

  /**
   * Fills a rectangle; what lies outside of the picture is left out.
   *
   * @param x - Left edge. @param y - Upper edge. @param width - Pixels. @param height - Pixels.
   * @param colour - Its colour.
   */
  fill(x: number, y: number, width: number, height: number, colour: Colour): void {
    for (let row = Math.max(0, y); row < Math.min(this.height, y + height); row++) {
      for (let column = Math.max(0, x); column < Math.min(this.width, x + width); column++) {
        this.set(column, row, colour);
      }
    }
  }

  /**
   * Writes a line.
   *
   * @param text - Characters of the font.
   * @param x - Left edge. @param y - Upper edge. @param dot - Pixels of a dot's side.
   * @param colour - Its colour.
   */
  write(text: string, x: number, y: number, dot: number, colour: Colour): void {
    Array.from(text).forEach((character, index) => {
      const left = x + index * (GLYPH_SIZE.width + 1) * dot;
      GLYPHS.get(character)!.forEach((dots, row) => {
        Array.from(dots).forEach((mark, column) => {
          if (mark === '#') {
            this.fill(left + column * dot, y + row * dot, dot, dot, colour);
          }
        });
      });
    });
  }
}

/** @param text - Any. @param dot - Pixels of a dot's side. @returns How wide it is written, in pixels. */
export function textWidth(text: string, dot: number): number {
  return (text.length * (GLYPH_SIZE.width + 1) - 1) * dot;
}
