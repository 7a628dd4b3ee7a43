/** Red, green and blue, 0 to 255 each. */
export type Colour = readonly [number, number, number];

type Lab = readonly [number, number, number];

const NUM_COLOURS = 256;

/** For levels: from a dark violet over blue and green to a light yellow, ever lighter. */
export const LEVEL_COLOURS = colourMap([
  [34, 6, 58],
  [62, 52, 128],
  [38, 113, 145],
  [30, 158, 133],
  [122, 203, 82],
  [250, 234, 60],
]);

/** For differences: from blue for less over a light grey for none to red for more. */
export const DIFFERENCE_COLOURS = colourMap([
  [22, 66, 150],
  [104, 164, 214],
  [243, 243, 240],
  [226, 134, 100],
  [150, 22, 40],
]);

/**
 * Finds the colour of a value.
 *
 * @param map - {@link LEVEL_COLOURS} or {@link DIFFERENCE_COLOURS}.
 * @param value - From 0, the first colour, to 1, the last; beyond them it is these.
 * @returns The colour.
 */
export function colourOf(map: readonly Colour[], value: number): Colour {
  const index = Math.round(value * (map.length - 1));
  return map[Math.min(map.length - 1, Math.max(0, index))]!;
}

/**
 * Tells how colours look: Oklab (Ottosson 2020), in which equal distances look equally far.
 *
 * @param colour - A colour of sRGB.
 * @returns Lightness from 0 to 1, and the axes green to red and blue to yellow.
 */
export function toOklab(colour: Colour): Lab {
  const [red, green, blue] = colour.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const middle = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * long + 0.793617785 * middle - 0.0040720468 * short,
    1.9779984951 * long - 2.428592205 * middle + 0.4505937099 * short,
    0.0259040371 * long + 0.7827717662 * middle - 0.808675766 * short,
  ];
}

function fromOklab([lightness, a, b]: Lab): Colour {
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * middle + 1.707614701 * short,
  ];
  return linear.map((value) => {
    const share = value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
    return Math.round(255 * Math.min(1, Math.max(0, share)));
  }) as [number, number, number];
}

/** Goes through the colours in steps that look equal. */
function colourMap(colours: readonly Colour[]): readonly Colour[] {
  const points = colours.map(toOklab);
  const lengths = points.slice(1).map((point, index) => distance(point, points[index]!));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  return Array.from({ length: NUM_COLOURS }, (_, step) => {
    let along = (step / (NUM_COLOURS - 1)) * total;
    let segment = 0;
    while (segment < lengths.length - 1 && along > lengths[segment]!) {
      along -= lengths[segment]!;
      segment += 1;
    }
    const share = along / lengths[segment]!;
    const from = points[segment]!;
    const to = points[segment + 1]!;
    return fromOklab([0, 1, 2].map((axis) => from[axis]! + share * (to[axis]! - from[axis]!)) as [number, number, number]); // prettier-ignore
  });
}

function distance(a: Lab, b: Lab): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}
