import { PhoneReader } from '../../bench/quality/phones.js';
import { compareTimes, type AlignedClip, type Span } from '../../bench/quality/word-times.js';

/** Ten words of 400 ms, 100 ms between them, late by so many seconds. */
function spans(startLate: number, endLate: number): Span[] {
  return Array.from({ length: 10 }, (_, index) => [
    index * 0.5 + startLate,
    index * 0.5 + 0.4 + endLate,
  ]);
}

/** Pauses before everything, in the middle and after everything; in the middle nothing is quiet. */
const CLIP: AlignedClip = {
  pauses: [0, 5, 10],
  own: {
    told: spans(0.02, -0.01).with(3, [1.9, 2.5]),
    whisper: spans(-0.03, 0.08),
    silences: [[0, 0.05], null, [4.7, 5]],
  },
  teacher: {
    told: spans(0, 0),
    whisper: spans(-0.04, 0.06),
    silences: [
      [0, 0.01],
      [2.3, 2.52],
      [4.88, 5.2],
    ],
  },
  // the ends at the pauses are far off, and do not count
  carried: spans(0.005, 0).with(4, [2.005, 4]).with(9, [4.505, 9]),
};

describe('compareTimes', () => {
  const results = compareTimes('heart', 'Kokoro af_heart', [CLIP]);
  const of = (times: string, aligner: string) =>
    results.find((result) => result.times === times && result.aligner === aligner)!;

  it('compares a voice with its teacher, but for ends at pauses', () => {
    const { starts, ends } = of('heart', 'teacher');
    expect([starts.words, ends.words]).toEqual([10, 8]);
    expect(starts.medianMs).toBeCloseTo(15);
    expect(starts.absoluteMs).toBeCloseTo(15);
    // one word is far off, which the median does not see, nor the first nine tenths
    expect(starts.absoluteP90Ms).toBeCloseTo(15);
    expect(ends.medianMs).toBeCloseTo(-10);
    expect(ends.absoluteMs).toBeCloseTo(10);
    expect(ends.absoluteP90Ms).toBeCloseTo(600);
  });

  it('corrects Whisper by what it says of the teacher', () => {
    const own = of('heart', 'Whisper');
    expect(own.starts.medianMs).toBeCloseTo(50);
    expect(own.ends.medianMs).toBeCloseTo(-90);
    const teacher = of('Kokoro af_heart', 'Whisper');
    expect(teacher.starts.medianMs).toBeCloseTo(40);
    expect(teacher.ends.medianMs).toBeCloseTo(-60);
    const corrected = of('heart', 'Whisper, corrected');
    expect(corrected.starts.medianMs).toBeCloseTo(10);
    expect(corrected.ends.medianMs).toBeCloseTo(-30);
    expect(corrected.ends.absoluteMs).toBeCloseTo(30);
  });

  it('compares the words at pauses with where it is quiet', () => {
    const own = of('heart', 'silence');
    expect([own.starts.words, own.ends.words]).toEqual([1, 1]);
    expect(own.starts.medianMs).toBeCloseTo(-30);
    expect(own.ends.medianMs).toBeCloseTo(190);
    const teacher = of('Kokoro af_heart', 'silence');
    expect([teacher.starts.words, teacher.ends.words]).toEqual([2, 2]);
    expect(teacher.starts.medianMs).toBeCloseTo(-15);
    expect(teacher.ends.medianMs).toBeCloseTo(60);
  });
});

describe('PhoneReader', () => {
  it('tells the phones of each word as it is written, over all sentences', async () => {
    const reader = await PhoneReader.load('models');
    const { phones, words } = await reader.readWords('Row 42, please. Go on!');
    await reader.close();
    expect(words.map(({ text }) => text)).toEqual(['Row', '42,', 'please.', 'Go', 'on!']);
    const said = words.map(({ first, last }) => phones.slice(first, last + 1).join(' '));
    expect(said).toEqual([
      '+r ow1',
      '+f ao1 r t iy0 +t uw1',
      '+p l iy1 z',
      '+g ow1',
      expect.stringMatching(/^\+a[ao]\d n$/),
    ]);
    const pauses = phones.filter((phone) => phone.startsWith('pau'));
    expect(pauses.length).toBe(phones.length - said.join(' ').split(' ').length);
  });
});
