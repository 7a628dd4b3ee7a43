import { describeRange, readNumber } from '../../base/numbers.js';

describe('readNumber', () => {
  const byte = { min: 0, max: 255, isInteger: true };
  const factor = { min: 0.25, max: 4 };

  it.each(['0', '255', '007'])('takes %j as an integer', (text) => {
    expect(readNumber(text, byte)).toBe(Number(text));
  });

  it.each(['', ' 1', '-1', '256', '1.0', '1e2', '0x1', 'one', 'NaN', 'Infinity', '1_0', '٣'])(
    'takes no %j as an integer',
    (text) => {
      expect(readNumber(text, byte)).toBeUndefined();
    },
  );

  it.each(['0.25', '4', '1.', '.5'])('takes %j as a number', (text) => {
    expect(readNumber(text, factor)).toBe(Number(text));
  });

  it.each(['', '.', '0.249', '4.01', '1,5', '1e0', 'abc', 'NaN'])(
    'takes no %j as a number',
    (text) => {
      expect(readNumber(text, factor)).toBeUndefined();
    },
  );
});

describe('describeRange', () => {
  it('names the kind and the ends', () => {
    expect(describeRange({ min: 0, max: 255, isInteger: true })).toBe('an integer from 0 to 255');
    expect(describeRange({ min: 0.25, max: 4 })).toBe('a number from 0.25 to 4');
    expect(describeRange({ min: 1, max: Infinity })).toBe('a number of at least 1');
  });
});
