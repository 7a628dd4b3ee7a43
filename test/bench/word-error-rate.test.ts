import { plainWords, wordErrors } from '../../bench/quality/word-error-rate.js';

describe('plainWords', () => {
  it('keeps letters only, in lower case', () => {
    expect(plainWords("“Don’t!” he said; 'tis the dogs' -- A. B.")).toEqual([
      'dont',
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

  it('writes numbers as they are said', () => {
    expect(plainWords('It cost $3.50 on the 2nd.').join(' ')).toBe(
      'it cost three dollars fifty cents on the second',
    );
  });
});

/** What is to be said and what a recogniser may write down for it. */
const SAME_SPEECH: readonly (readonly [string, string])[] = [
  ['The bus leaves at 9:30.', 'the bus leaves at nine thirty'],
  ['That will be $3.50, please.', 'That will be three dollars and fifty cents please.'],
  ['on the 2nd floor', 'on the second floor'],
  ['It cost $1,299.', 'It cost one thousand two hundred and ninety-nine dollars.'],
  ['I owe you $20.', 'I owe you twenty dollars!'],
  ['at 6:45 p.m. sharp', 'at 6:45 PM sharp'],
  ['at 6:45 p.m. sharp', 'at 6:45pm sharp'],
  ['She was born on July 4, 1996.', 'She was born on July 4th, 1996.'],
  ['She was born in 1996.', 'she was born in nineteen ninety six'],
  ['20 percent', '20%'],
  ['Mr. Johnson and Dr. Harris', 'Mister Johnson and Doctor Harris'],
  ['Okay, the colour is grey.', 'OK the color is gray'],
  ['my favourite neighbour', 'my favorite neighbor'],
  ['the work-rooms', 'the workrooms'],
  ['ice cream', 'icecream'],
  ["the dog's bowl", 'the dogs bowl'],
  ['the F.B.I. said', 'the FBI said'],
  ['7 3 9 1', '7-3-9-1'],
  ['7 3 9 1', 'seven three nine one'],
  ['555-0142', 'five five five oh one four two'],
];

describe('wordErrors', () => {
  it.each([
    { reference: 'the cat sat', hypothesis: 'the cat sat', errors: 0 },
    { reference: 'the cat sat', hypothesis: 'the bat sat', errors: 1 },
    { reference: 'the cat sat', hypothesis: 'cat sat down here', errors: 3 },
    { reference: 'the cat sat', hypothesis: '', errors: 3 },
    { reference: '', hypothesis: 'the cat', errors: 2 },
    { reference: 'a b c d', hypothesis: 'b c d e', errors: 2 },
    { reference: 'the work rooms', hypothesis: 'the workrooms are', errors: 1 },
    { reference: 'three dollars', hypothesis: '$13', errors: 1 },
    { reference: 'at 9:30', hypothesis: 'at 9:13', errors: 1 },
  ])('counts $errors from "$reference" to "$hypothesis"', ({ reference, hypothesis, errors }) => {
    expect(wordErrors(plainWords(reference), plainWords(hypothesis))).toBe(errors);
  });

  it.each(SAME_SPEECH)('finds none between "%s" and "%s"', (reference, hypothesis) => {
    expect(wordErrors(plainWords(reference), plainWords(hypothesis))).toBe(0);
    expect(wordErrors(plainWords(hypothesis), plainWords(reference))).toBe(0);
  });
});
