import { Columns, MAX_HOP } from '../../../src/pictures/columns.js';

/** Adds frames as a stream of samples would, of a level that rises by 1 each sample in row 1. */
function columnsOf(width: number, numSamples: number): Columns {
  const columns = new Columns(width, 2);
  let position = 0;
  while (position < numSamples) {
    const level = position;
    const { hop } = columns;
    columns.add((row) => row * level);
    position += hop;
  }
  return columns;
}

describe('Columns', () => {
  it.each([
    { width: 10, numSamples: 10 },
    { width: 10, numSamples: 300 },
    { width: 7, numSamples: 5_000 },
    { width: 10, numSamples: 1_000_000 },
  ])('show each time in its place: %j', ({ width, numSamples }) => {
    const columns = columnsOf(width, numSamples);
    const picture = columns.finish(numSamples);
    expect(picture).toHaveLength(2 * width);
    const perColumn = numSamples / width;
    for (let x = 0; x < width; x++) {
      expect(picture[2 * x]).toBe(0);
      // a frame stands for what is about it, so that the mean is that of the samples
      const error = picture[2 * x + 1]! - (x + 0.5) * perColumn;
      expect(Math.abs(error)).toBeLessThan(0.51 * perColumn);
    }
    const steps = Array.from({ length: width - 1 }, (_, x) => picture[2 * x + 3]! - picture[2 * x + 1]!); // prettier-ignore
    expect(Math.min(...steps)).toBeGreaterThan(0);
  });

  it('end at the same hop and the same picture wherever they began', () => {
    const columns = columnsOf(10, 100_000);
    expect(columns.hop).toBe(MAX_HOP);
    const numFrames = Math.ceil(100_000 / MAX_HOP);
    // 391 frames in columns of 32, the last one of 7
    const framesPerColumn = 32;
    const means = Array.from({ length: Math.ceil(numFrames / framesPerColumn) }, (_, column) => {
      const first = column * framesPerColumn;
      const last = Math.min(numFrames, first + framesPerColumn) - 1;
      return ((first + last) / 2) * MAX_HOP;
    });
    const whole = columns.finish(100_000);
    const at = (sample: number) => (sample + MAX_HOP / 2) / (framesPerColumn * MAX_HOP);
    for (let x = 0; x < 10; x++) {
      const [from, to] = [at(x * 10_000), Math.min(means.length, at((x + 1) * 10_000))];
      let sum = 0;
      means.forEach((mean, column) => {
        sum += mean * Math.max(0, Math.min(to, column + 1) - Math.max(from, column));
      });
      expect(whole[2 * x + 1]! / (sum / (to - from))).toBeCloseTo(1, 5);
    }
  });

  it('mean powers, so that noise is no louder in a long recording', () => {
    const columns = new Columns(4, 1);
    for (let frame = 0; frame < 10_000; frame++) {
      columns.add(() => (frame % 2 === 0 ? 0 : 2));
    }
    expect(columns.finish(10_000 * MAX_HOP)[1]).toBeCloseTo(1, 1);
  });
});
