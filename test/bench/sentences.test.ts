import { plainWords } from '../../bench/quality/plain-words.js';
import { readSentences, SENTENCE_SETS } from '../../bench/quality/sentences.js';

/** What is to be heard of sentences with digits, in their order, written out by hand. */
const SPOKEN = [
  'the bus leaves at nine thirty so be at the stop by nine fifteen',
  'my flight lands at six forty five p m on march fourteenth',
  'that will be three dollars fifty cents please',
  'the new sofa cost one thousand two hundred ninety nine dollars but the chair was only eighty five dollars',
  'the office is at forty two maple street on the second floor',
  'call me back at five five five zero one four two when you get this',
  'your code is seven three nine one',
  'doctor harris can see you on tuesday at ten oclock',
  'its seventy two degrees and sunny a perfect day for the beach',
  'we need two cups of flour three eggs and half a cup of sugar',
  'the meeting has moved to room twelve on the fifth floor',
  'she was born on july fourth nineteen ninety six',
  'turn left at the lights then take the third exit',
  'only twenty percent of the tickets are left',
  'my sister runs five miles every saturday before breakfast',
  'can we meet at four fifteen instead of three forty five',
  'there are three hundred sixty five days in a year and three hundred sixty six in a leap year',
  'i owe you twenty dollars for the pizza',
  'our train to chicago leaves from platform eight',
  'the kids start school on september third',
];

describe('readSentences', () => {
  it.each(SENTENCE_SETS)('finds 40 different sentences in %s', async (set) => {
    const sentences = await readSentences(set);
    expect(new Set(sentences).size).toBe(40);
    expect(sentences.every((sentence) => plainWords(sentence).length > 0)).toBe(true);
  });

  it('holds digits that the measure reads as people do', async () => {
    const withDigits = (await readSentences('daily')).filter((text) => /\d|Dr\./.test(text));
    expect(withDigits.map((text) => plainWords(text).join(' '))).toEqual(SPOKEN);
  });
});
