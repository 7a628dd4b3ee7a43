import { WordClock } from '../../../tts/pipeline/word-clock.js';

const HELLO = [{ text: 'Hello,' }, { text: 'big' }, { text: 'world.' }];

describe('WordClock', () => {
  it('gives each word once, when it has ended', () => {
    const clock = new WordClock();
    clock.observe(0, -1, HELLO);
    clock.observe(0.04, 0, HELLO);
    clock.observe(0.08, 0, HELLO);
    clock.observe(0.2, -1, HELLO);
    clock.observe(0.24, 1, HELLO);
    expect(clock.take(1)).toEqual([{ word: 'Hello,', startSeconds: 0.04, endSeconds: 0.2 }]);
    clock.observe(0.4, 2, HELLO);
    clock.endSentence(0.5, HELLO);
    expect(clock.take(0.4)).toEqual([{ word: 'big', startSeconds: 0.24, endSeconds: 0.4 }]);
    expect(clock.take(0.5)).toEqual([{ word: 'world.', startSeconds: 0.4, endSeconds: 0.5 }]);
    expect(clock.take(Infinity)).toEqual([]);
  });

  it('gives a word that was jumped over, too', () => {
    const clock = new WordClock();
    clock.observe(0, 0, HELLO);
    clock.observe(0.2, 2, HELLO);
    clock.endSentence(0.3, [...HELLO, { text: 'Bye!' }]);
    expect(clock.take(1)).toEqual([
      { word: 'Hello,', startSeconds: 0, endSeconds: 0.2 },
      { word: 'big', startSeconds: 0.2, endSeconds: 0.2 },
      { word: 'world.', startSeconds: 0.2, endSeconds: 0.3 },
      { word: 'Bye!', startSeconds: 0.3, endSeconds: 0.3 },
    ]);
  });

  it('tells words of the same number in two sentences apart', () => {
    const clock = new WordClock();
    clock.observe(0, 0, [{ text: 'Yes.' }]);
    clock.endSentence(0.3, [{ text: 'Yes.' }]);
    clock.observe(0.3, 0, [{ text: 'No.' }]);
    clock.endSentence(0.6, [{ text: 'No.' }]);
    expect(clock.take(1).map(({ word }) => word)).toEqual(['Yes.', 'No.']);
  });
});
