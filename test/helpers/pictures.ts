import { PNG } from 'pngjs';
import { LEVEL_COLOURS, type Colour } from '../../src/pictures/colours.js';
import { layOut } from '../../src/pictures/panel.js';

/** A picture that the command line drew, read back. */
export class DrawnPicture {
  readonly width: number;
  readonly height: number;
  readonly #data: Buffer;
  readonly #numPanels: 1 | 3;

  /**
   * @param bytes - The PNG file.
   * @param numPanels - How many panels it has.
   */
  constructor(bytes: Uint8Array, numPanels: 1 | 3) {
    const { width, height, data } = PNG.sync.read(Buffer.from(bytes));
    this.width = width;
    this.height = height;
    this.#data = data;
    this.#numPanels = numPanels;
  }

  /**
   * Reads a panel.
   *
   * @param index - Which; the uppermost is 0.
   * @param map - The colours it is drawn in.
   * @returns Its size, and a function that gives the level at a place: 0 to 1 for the first to the last
   * colour, columns from the left, rows from below.
   */
  panel(index: number, map: readonly Colour[] = LEVEL_COLOURS) {
    const layout = layOut(this.width, this.height, this.#numPanels);
    const values = new Map(map.map((colour, place) => [colour.join(), place / (map.length - 1)]));
    const level = (x: number, row: number): number => {
      const y = layout.tops[index]! + layout.height - 1 - row;
      const offset = 4 * (y * this.width + layout.left + x);
      return values.get(this.#data.subarray(offset, offset + 3).join()) ?? NaN;
    };
    return { width: layout.width, height: layout.height, level };
  }
}

/** @param size - How many places there are. @param level - Of each. @returns The place of the highest. */
export function brightest(size: number, level: (place: number) => number): number {
  let best = 0;
  for (let place = 1; place < size; place++) {
    if (level(place) > level(best)) {
      best = place;
    }
  }
  return best;
}

/** @param name - Of a command's line such as `SNR: 6.47 dB`. @param output - All. @returns The line's rest. */
export function lineOf(output: string, name: string): string {
  return new RegExp(`^${name}: +(.*)$`, 'm').exec(output)?.[1] ?? '';
}
