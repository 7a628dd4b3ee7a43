import { createRandom } from '../../../src/bench/random.js';
import { pickSentence, SENTENCES } from '../../../src/bench/sentences.js';

const draw = (seed: number, stream: number) => {
  const random = createRandom(seed, stream);
  return Array.from({ length: 200 }, () => random(2, 5));
};

describe('createRandom', () => {
  it('draws the same again, and others with another seed or stream', () => {
    expect(draw(1, 0)).toEqual(draw(1, 0));
    expect(draw(2, 0)).not.toEqual(draw(1, 0));
    expect(draw(1, 1)).not.toEqual(draw(1, 0));
    expect(new Set(draw(1, 0)).size).toBeGreaterThan(190);
  });

  it('stays within its bounds, and reaches all parts between', () => {
    const drawn = draw(3, 7);
    expect(drawn.every((value) => value > 2 && value < 5)).toBe(true);
    expect(new Set(drawn.map(Math.floor))).toEqual(new Set([2, 3, 4]));
  });
});

describe('pickSentence', () => {
  it('gives all sentences, each of ten words', () => {
    const random = createRandom(1, 0);
    const picked = new Set(Array.from({ length: 500 }, () => pickSentence(random)));
    expect(picked).toEqual(new Set(SENTENCES));
    expect(SENTENCES.filter((sentence) => sentence.split(' ').length !== 10)).toEqual([]);
  });
});
