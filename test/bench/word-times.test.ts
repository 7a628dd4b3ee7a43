import { PhoneReader } from '../../bench/quality/phones.js';
import { compareTimes, type Span } from '../../bench/quality/word-times.js';

/** Ten words of 400 ms, all by so many seconds too late. */
function spans(startLate: number, endLate: number): Span[] {
  return Array.from({ length: 10 }, (_, index) => [
    index * 0.5 + startLate,
    index * 0.5 + 0.4 + endLate,
  ]);
}

describe('compareTimes', () => {
  it('says who is late, and corrects Whisper by what it says of the teacher', () => {
    const given = spans(0.02, -0.01);
    // one word is far off, which the median does not see and the last tenth may
    given[3] = [1.9, 2.5];
    const [byTeacher, byWhisper, ofTeacher, corrected] = compareTimes('heart', 'Kokoro af_heart', {
      given,
      known: spans(0, 0),
      carried: spans(0.005, 0),
      own: spans(-0.03, 0.08),
      teacher: spans(-0.04, 0.06),
    });
    expect(byTeacher).toMatchObject({ times: 'heart', aligner: 'teacher', words: 10 });
    expect(byTeacher!.starts.medianMs).toBeCloseTo(15);
    expect(byTeacher!.starts.absoluteMs).toBeCloseTo(15);
    expect(byTeacher!.starts.absoluteP90Ms).toBeCloseTo(15);
    expect(byTeacher!.ends.medianMs).toBeCloseTo(-10);
    expect(byTeacher!.ends.absoluteMs).toBeCloseTo(10);
    expect(byWhisper).toMatchObject({ times: 'heart', aligner: 'Whisper' });
    expect(byWhisper!.starts.medianMs).toBeCloseTo(50);
    expect(byWhisper!.ends.medianMs).toBeCloseTo(-90);
    expect(ofTeacher).toMatchObject({ times: 'Kokoro af_heart', aligner: 'Whisper' });
    expect(ofTeacher!.starts.medianMs).toBeCloseTo(40);
    expect(ofTeacher!.ends.medianMs).toBeCloseTo(-60);
    expect(corrected).toMatchObject({ times: 'heart', aligner: 'Whisper, corrected' });
    expect(corrected!.starts.medianMs).toBeCloseTo(10);
    expect(corrected!.ends.medianMs).toBeCloseTo(-30);
    expect(corrected!.ends.absoluteMs).toBeCloseTo(30);
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
