import { countSyllables } from '../../bench/quality/phones.js';
import {
  likeness,
  summarise,
  wordDifference,
  wordErrorRate,
  type JudgedClip,
} from '../../bench/quality/scores.js';

function clip(text: string, heard: string, seed: number, voice: number[]): JudgedClip {
  const judgement = {
    heard,
    seconds: 2,
    distillMos: 3 + seed,
    dnsMosOverall: 3,
    dnsMosP808: 4,
    voice,
  };
  return { text, syllables: 5, seed, judgement };
}

describe('wordErrorRate', () => {
  it('divides all errors by all words', () => {
    const clips = [
      { text: 'one two three', heard: 'one two tree' },
      { text: 'four', heard: '4' },
    ];
    expect(wordErrorRate(clips)).toEqual({ rate: 0.25, errors: 1, words: 4 });
  });
});

describe('wordDifference', () => {
  it('takes any reading of what was heard on both sides', () => {
    const pairs = [
      { original: 'at 415 sharp', decoded: 'at 4:15 sharp' },
      { original: 'one two', decoded: 'one too' },
    ];
    expect(wordDifference(pairs)).toEqual({ rate: 1 / 7, errors: 1, words: 7 });
  });
});

describe('summarise', () => {
  it('takes the mean of the seeds and their spread', () => {
    const scores = summarise([
      clip('a cat', 'a cat', 0, [1, 0]),
      clip('a cat', 'a bat', 1, [0, 1]),
    ]);
    expect(scores.wordErrorRate).toBe(0.25);
    expect(scores.wordErrorSpread).toBe(0.5);
    expect(scores.distillMos).toBe(3.5);
    expect(scores.syllablesPerSecond).toBe(2.5);
    expect(scores.sameness).toBe(0);
  });

  it('knows no sameness of a single clip', () => {
    expect(summarise([clip('a', 'a', 0, [1, 0])]).sameness).toBeNull();
  });
});

describe('likeness', () => {
  it('is the mean cosine over all pairs', () => {
    expect(
      likeness(
        [[1, 0]],
        [
          [1, 0],
          [0, 1],
        ],
      ),
    ).toBe(0.5);
    expect(likeness([], [[1, 0]])).toBeNull();
  });
});

describe('countSyllables', () => {
  it('counts vowels with and without stress, not pauses', () => {
    expect(countSyllables(['pau,', '+hh', 'ah0', 'l', 'ow1', '+dh', 'eh', 'r', 'pau.'])).toBe(3);
  });
});
