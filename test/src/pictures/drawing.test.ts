import { PNG } from 'pngjs';
import { Canvas, textWidth } from '../../../src/pictures/canvas.js';
import { DIFFERENCE_COLOURS, LEVEL_COLOURS, colourOf, toOklab } from '../../../src/pictures/colours.js'; // prettier-ignore
import { GLYPHS, GLYPH_SIZE } from '../../../src/pictures/font.js';
import { frequencyScale } from '../../../src/pictures/frequency-scales.js';
import { encodePng } from '../../../src/pictures/png.js';
import { frequencyTicks, levelTicks, timeTicks } from '../../../src/pictures/ticks.js';

describe('colour maps', () => {
  it.each([
    { name: 'levels', map: LEVEL_COLOURS },
    // not over the grey in the middle, where they turn
    { name: 'less', map: DIFFERENCE_COLOURS.slice(0, 128) },
    { name: 'more', map: DIFFERENCE_COLOURS.slice(128) },
  ])('go in steps that look equal: $name', ({ map }) => {
    const points = map.map(toOklab);
    const span = 16;
    const steps = points.slice(span).map(([l, a, b], index) => {
      const [l0, a0, b0] = points[index]!;
      return Math.hypot(l - l0, a - a0, b - b0);
    });
    const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
    // at the bends of the way a step of 16 colours is a little shorter
    expect(Math.max(...steps) / mean).toBeLessThan(1.15);
    expect(Math.min(...steps) / mean).toBeGreaterThan(0.7);
  });

  it('grow lighter with the level, and grey where there is no difference', () => {
    const lightness = LEVEL_COLOURS.map((colour) => toOklab(colour)[0]);
    for (let index = 4; index < lightness.length; index++) {
      expect(lightness[index]).toBeGreaterThan(lightness[index - 4]!);
    }
    expect(toOklab([255, 255, 255])[0]).toBeCloseTo(1, 5);
    const [less, none, more] = [0, 0.5, 1].map((value) => colourOf(DIFFERENCE_COLOURS, value));
    expect(Math.max(...none!) - Math.min(...none!)).toBeLessThan(30);
    expect(Math.min(...none!)).toBeGreaterThan(210);
    expect(less![2]).toBeGreaterThan(less![0] + 80);
    expect(more![0]).toBeGreaterThan(more![2] + 80);
    expect(colourOf(LEVEL_COLOURS, -7)).toEqual(LEVEL_COLOURS[0]);
    expect(colourOf(LEVEL_COLOURS, 7)).toEqual(LEVEL_COLOURS.at(-1));
  });
});

describe('writing', () => {
  it('has all characters, each of its own, of the right size', () => {
    const needed = new Set('0123456789.:-+HzdBsoriginaldecodeddifference');
    expect([...needed].filter((character) => !GLYPHS.has(character))).toEqual([]);
    const shapes = [...GLYPHS.values()].map((rows) => rows.join('\n'));
    expect(new Set(shapes).size).toBe(shapes.length);
    for (const rows of GLYPHS.values()) {
      expect(rows.map((row) => row.length)).toEqual(new Array(GLYPH_SIZE.height).fill(GLYPH_SIZE.width)); // prettier-ignore
    }
  });

  it('comes out of a PNG as it went in, and stays inside the picture', () => {
    const canvas = new Canvas(20, 10);
    canvas.write('1', 2, 1, 1, [200, 0, 100]);
    canvas.write('88', 16, 5, 3, [0, 0, 0]);
    const { width, height, data } = PNG.sync.read(Buffer.from(encodePng(canvas)));
    expect([width, height]).toEqual([20, 10]);
    const at = (x: number, y: number) => [...data.subarray(4 * (y * 20 + x), 4 * (y * 20 + x) + 4)];
    expect(at(4, 1)).toEqual([200, 0, 100, 255]);
    expect(at(2, 1)).toEqual([255, 255, 255, 255]);
    expect(at(19, 5)).toEqual([0, 0, 0, 255]);
    expect(at(0, 6)).toEqual([255, 255, 255, 255]);
    expect(textWidth('12', 2)).toBe(22);
  });
});

describe('ticks', () => {
  const labels = (ticks: { label: string }[]) => ticks.map(({ label }) => label);

  it('of time are round, with minutes and hours where there are any', () => {
    expect(labels(timeTicks(0, 2, 7))).toEqual(['0.0', '0.5', '1.0', '1.5', '2.0']);
    expect(labels(timeTicks(0.5, 0.75, 3))).toEqual(['0.5', '0.6', '0.7']);
    expect(labels(timeTicks(0, 300, 5))).toEqual(['0:00', '1:00', '2:00', '3:00', '4:00', '5:00']);
    expect(labels(timeTicks(0, 36_000, 5))).toEqual(['0:00:00', '2:00:00', '4:00:00', '6:00:00', '8:00:00', '10:00:00']); // prettier-ignore
    expect(labels(timeTicks(3_600, 3_601, 4))).toEqual(['3600.0', '3600.5', '3601.0']);
    expect(timeTicks(1, 3, 2)[1]).toEqual({ position: 0.5, label: '2' });
    expect(labels(timeTicks(0, 0.001, 4)).at(-1)).toBe('0.0010');
    expect(labels(timeTicks(0, 1e6, 4)).at(-1)).toBe('200:00:00');
  });

  it('of frequency and level keep their distance', () => {
    const mel = frequencyScale('mel', 12_000);
    const ticks = frequencyTicks(mel, 0.06);
    expect(labels(ticks)).toEqual(expect.arrayContaining(['0', '1000', '4000', '12000']));
    const positions = ticks.map(({ position }) => position).sort((a, b) => a - b);
    const gaps = positions.slice(1).map((position, index) => position - positions[index]!);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0.06);
    expect(frequencyTicks(mel, 0.4).length).toBeLessThan(4);
    expect(labels(levelTicks(-20, 20, 5, true))).toEqual(['-20', '-10', '0', '+10', '+20']);
    expect(labels(levelTicks(-95, -15, 8, false))).toEqual(['-90', '-80', '-70', '-60', '-50', '-40', '-30', '-20']); // prettier-ignore
  });
});
