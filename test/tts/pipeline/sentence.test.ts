import { Sentence } from '../../../tts/pipeline/sentence.js';
import type { Utterance } from '../../../tts/text/index.js';

/** A pause, "a" of two phones, a pause, "b" of one, a pause. */
const UTTERANCE: Utterance = {
  words: [
    { text: 'a', start: 0, end: 1 },
    { text: 'b', start: 2, end: 3 },
  ],
  phones: [
    { phone: 'pau,', wordIndex: -1, wordStart: false },
    { phone: 'ax', wordIndex: 0, wordStart: true },
    { phone: 'ax', wordIndex: 0, wordStart: false },
    { phone: 'pau,', wordIndex: -1, wordStart: false },
    { phone: 'ax', wordIndex: 1, wordStart: true },
    { phone: 'pau.', wordIndex: -1, wordStart: false },
  ],
} as unknown as Utterance;

function whole(isFirst: boolean): Sentence {
  const sentence = new Sentence(isFirst, 12);
  sentence.take(UTTERANCE, true);
  return sentence;
}

describe('Sentence', () => {
  it('tells where the speech begins and ends', () => {
    const sentence = whole(true);
    expect([0, 1, 2, 3, 4, 5].map((pointer) => sentence.placeOf(pointer))).toEqual([
      'opening',
      'speech',
      'speech',
      'speech',
      'speech',
      'closing',
    ]);
    expect([0, 1, 2, 3, 4, 5, 6].map((pointer) => sentence.wordIndexOf(pointer))).toEqual([
      -1, 0, 0, -1, 1, -1, -1,
    ]);
    expect(Array.from(sentence.takePiece()!.wordStarts)).toEqual([0, 1, 0, 0, 1, 0]);
  });

  it('limits phones to 600 ms, pauses to 1.2 s, and the silence before all speech to 200 ms', () => {
    expect(Array.from(whole(true).takePiece()!.maxDwell)).toEqual([5, 15, 15, 30, 15, 30]);
    expect(Array.from(whole(false).takePiece()!.maxDwell)).toEqual([30, 15, 15, 30, 15, 30]);
  });
});
