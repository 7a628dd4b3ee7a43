import { WordClock } from '../../tts/word-clock.js';

describe('WordClock', () => {
  it('gives each word once, when it has ended', () => {
    const clock = new WordClock();
    clock.observe(0, -1, undefined);
    clock.observe(0.04, 0, 'Hello,');
    clock.observe(0.08, 0, 'Hello,');
    clock.observe(0.2, -1, undefined);
    clock.observe(0.24, 1, 'world.');
    expect(clock.take(1)).toEqual([{ word: 'Hello,', startSeconds: 0.04, endSeconds: 0.2 }]);
    clock.end(0.5);
    expect(clock.take(0.4)).toEqual([]);
    expect(clock.take(0.5)).toEqual([{ word: 'world.', startSeconds: 0.24, endSeconds: 0.5 }]);
    expect(clock.take(Infinity)).toEqual([]);
  });

  it('tells words of the same number in two sentences apart', () => {
    const clock = new WordClock();
    clock.observe(0, 0, 'Yes.');
    clock.end(0.3);
    clock.observe(0.3, 0, 'No.');
    clock.end(0.6);
    expect(clock.take(1).map(({ word }) => word)).toEqual(['Yes.', 'No.']);
  });
});
