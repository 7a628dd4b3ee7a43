import { mean, median, percentile } from '../../../src/bench/statistics.js';
import { formatTable } from '../../../src/bench/table.js';

describe('median', () => {
  it('takes the middle, or the mean of the two in the middle', () => {
    expect(median([9])).toBe(9);
    expect(median([10, 1, 100])).toBe(10);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it('refuses no values', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('percentile', () => {
  it('takes the value that so many do not exceed', () => {
    const values = Array.from({ length: 20 }, (_, index) => 20 - index);
    expect(percentile(values, 0.95)).toBe(19);
    expect(percentile(values, 0.5)).toBe(10);
    expect(percentile(values, 1)).toBe(20);
    expect(() => percentile([], 0.5)).toThrow(RangeError);
  });
});

describe('mean', () => {
  it('leaves out what was undefined', () => {
    expect(mean([1, null, 3])).toBe(2);
    expect(mean([null])).toBeNull();
  });
});

describe('formatTable', () => {
  it('lines columns up and shows a dash for what is missing', () => {
    expect(formatTable(['a', 'long head'], [['x', undefined]])).toBe(
      '| a   | long head |\n| --- | --------- |\n| x   | -         |\n',
    );
  });
});
