import { plainWords, wordErrors } from '../../bench/quality/word-error-rate.js';

describe('plainWords', () => {
  it('keeps letters and the apostrophes within words, in lower case', () => {
    expect(plainWords("“Don’t!” he said; 'tis the dogs' -- A. B.")).toEqual([
      "don't",
      'he',
      'said',
      'tis',
      'the',
      'dogs',
      'a',
      'b',
    ]);
  });

  it('finds no words in punctuation', () => {
    expect(plainWords(" ... ' - ")).toEqual([]);
  });
});

describe('wordErrors', () => {
  it.each([
    { reference: 'the cat sat', hypothesis: 'the cat sat', errors: 0 },
    { reference: 'the cat sat', hypothesis: 'the bat sat', errors: 1 },
    { reference: 'the cat sat', hypothesis: 'cat sat down here', errors: 3 },
    { reference: 'the cat sat', hypothesis: '', errors: 3 },
    { reference: '', hypothesis: 'the cat', errors: 2 },
    { reference: 'a b c d', hypothesis: 'b c d e', errors: 2 },
  ])('counts $errors from "$reference" to "$hypothesis"', ({ reference, hypothesis, errors }) => {
    expect(wordErrors(plainWords(reference), plainWords(hypothesis))).toBe(errors);
  });
});
