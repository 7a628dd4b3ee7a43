import { plainWords } from '../../bench/quality/plain-words.js';
import { wordErrors } from '../../bench/quality/word-error-rate.js';
import { allPaths, onePath } from '../../bench/quality/word-paths.js';

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

/** What is said and what a recogniser may write down for it, of which there is more than one reading. */
const OTHER_READINGS: readonly (readonly [string, string])[] = [
  [
    'The bus leaves at 9:30, so be at the stop by 9:15.',
    'The bus leaves at 9.30, so be at the stop by 9.15.',
  ],
  ['The bus leaves at 9:30.', 'The bus leaves at 930.'],
  ['Can we meet at 4:15 instead of 3:45?', 'Can we meet at 415 instead of 345?'],
  ['Can we meet at 4:15 instead of 3:45?', 'Can we meet at 4-15 instead of 3-45?'],
  ['from 4:15 to 3:45', 'from 415 to 345'],
  ['at 6:45 p.m. on March 14th', 'at 645 p.m. on March 14'],
  ['at 6:45 p.m. sharp', 'at 645pm sharp'],
  ['at 6:45 p.m. sharp', 'at 6.45 p.m. sharp'],
  ['at 10:00', 'at 10.00'],
  ['at 9:05', 'at 905'],
  ['at 14:30', 'at 1430'],
  ['Your code is 7 3 9 1.', 'Your code is 7391.'],
  ['Your code is 7 3 9 1.', 'Your code is 73 91.'],
  ['Your code is 7 3 9 1.', 'Your code is 73-91.'],
  ['Call me back at 555-0142.', 'Call me back at 5550142.'],
  ['Call me back at 555-0142.', 'Call me back at 555 0142.'],
  ['born in 1996', 'born in 19 96'],
  ['1,996 people', '1996 people'],
  ['nineteen ninety-six people', '1996 people'],
  ['two thousand ten', '2010'],
  ['one thousand five hundred', '1500'],
  ['room four seventy-two', 'room 472'],
];

/** What is said and what a recogniser writes down when it hears something else, and the errors. */
const OTHER_SPEECH: readonly (readonly [string, string, number])[] = [
  ['at 9:30', 'at 9.13', 1],
  ['at 9:30', 'at 930 930', 2],
  ['at 9:30', 'at 9.03', 2],
  ['at 9:30', 'at 9.3', 2],
  ['at 4:15', 'at 450', 1],
  ['at 10:00', 'at 100', 1],
  ['Your code is 7 3 9 1.', 'Your code is 7319.', 2],
  ['Your code is 7 3 9 1.', 'Your code is 739.', 1],
  ['Your code is 7 3 9 1.', 'Your code is 7,391.', 3],
  ['555-0142', '555-0124', 2],
  ['born in 1996', 'born in 1986', 1],
  ['four hundred fifteen', '4:15', 1],
  ['415 people', '4.15 people', 1],
  ['seven three', '73', 1],
  ['the 42 buses', 'the 4 2 buses', 1],
  ['$3.50', '$350', 2],
  ['$415', '$4.15', 2],
  ['four fifteen', '$415', 2],
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
    expect(errorsOf(reference, hypothesis)).toBe(errors);
  });

  it.each(SAME_SPEECH)('finds none between "%s" and "%s"', (reference, hypothesis) => {
    expect(errorsOf(reference, hypothesis)).toBe(0);
    expect(errorsOf(hypothesis, reference)).toBe(0);
  });

  it.each(OTHER_READINGS)('takes "%s" for a reading of "%s"', (text, heard) => {
    expect(errorsOf(text, heard)).toBe(0);
  });

  it.each(OTHER_SPEECH)('does not take "%s" for "%s"', (text, heard, errors) => {
    expect(errorsOf(text, heard)).toBe(errors);
  });

  it('leaves a text its own reading', () => {
    expect(errorsOf('7391', '7 3 9 1')).toBeGreaterThan(0);
    expect(errorsOf('415', '4:15')).toBeGreaterThan(0);
  });
});

function errorsOf(text: string, heard: string): number {
  return wordErrors(onePath(plainWords(text)), allPaths(heard));
}
