import { summarisePairs } from '../../bench/quality/codec.js';

function pair(heard: [string, string], voice: [number[], number[]], pesqWb: number | null) {
  return {
    scores: { stoi: 0.9, pesqWb, melDistanceDb: 5, pitchCorrelation: null, distillMos: 3 },
    original: { heard: heard[0], seconds: 1, voice: voice[0] },
    decoded: { heard: heard[1], seconds: 1, voice: voice[1] },
  };
}

describe('summarisePairs', () => {
  it('compares each clip with its own original', () => {
    const scores = summarisePairs([
      pair(
        ['one two three', 'one too three'],
        [
          [1, 0],
          [1, 0],
        ],
        2,
      ),
      pair(
        ['four', '4'],
        [
          [0, 1],
          [0.6, 0.8],
        ],
        null,
      ),
    ]);
    expect(scores.otherWords).toEqual({ rate: 0.25, errors: 1, words: 4 });
    expect(scores.likeness).toBeCloseTo(0.9);
    expect(scores.pesqWb).toBe(2);
    expect(scores.pitchCorrelation).toBeNull();
  });
});
