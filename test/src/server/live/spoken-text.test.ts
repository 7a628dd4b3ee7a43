import { SpokenText } from '../../../../src/server/live/spoken-text.js';

describe('SpokenText', () => {
  const make = () => {
    const text = new SpokenText();
    text.push('One two');
    text.push(' three. ');
    // "One" from 0.1 to 0.4, "two" from 0.5 to 0.9, "three." from 1 to 1.6
    for (const [offset, seconds] of [
      [0, 0.1],
      [3, 0.4],
      [4, 0.5],
      [7, 0.9],
      [8, 1],
    ] as const) {
      text.mark({ offset, seconds });
    }
    return text;
  };

  it.each([
    [0, ''],
    [0.05, ''],
    [0.39, ''],
    [0.4, 'One'],
    [0.7, 'One'],
    [0.9, 'One two'],
    [5, 'One two'],
  ])('says what was heard after %d s', (seconds, spoken) => {
    const split = make().split(seconds);
    expect(split.spoken).toBe(spoken);
    expect(split.spoken + split.remaining).toBe('One two three. ');
  });

  it('knows the last word once the end is marked', () => {
    const text = make();
    expect(text.numPending).toBe(7);
    text.mark({ offset: text.length, seconds: 1.6 });
    expect(text.numPending).toBe(0);
    expect(text.split(1.5).spoken).toBe('One two');
    expect(text.split(1.6)).toEqual({ spoken: 'One two three.', remaining: ' ' });
  });
});
