import { Resampler, resample } from '../../../src/audio/resampler.js';
import { errorWithCode } from '../../helpers/errors.js';
import { cut, join, largestDifference } from '../../helpers/chunks.js';
import { amplitudeAt, rms, sine, swellingNoise } from '../../helpers/tones.js';

function resampleInPieces(samples: Float32Array, from: number, to: number, size: number) {
  const resampler = new Resampler(from, to);
  return join([...cut(samples, size).map((piece) => resampler.push(piece)), resampler.flush()]);
}

describe('Resampler', () => {
  it.each([
    [24_000, 8_000],
    [44_100, 24_000],
    [8_000, 24_000],
    [48_000, 24_000],
    [192_000, 24_000],
    [23_999, 24_000], // needs interpolation between filter phases
    [22_050, 24_000],
  ])('keeps a tone from %d to %d Hz', (from, to) => {
    const numSamples = Math.round(from / 4);
    const out = resample(sine(numSamples, 1_000, from), from, to);
    expect(out).toHaveLength(Math.ceil((numSamples * to) / from));
    const expected = sine(out.length, 1_000, to);
    // the edges meet the silence outside
    const [actualMiddle, expectedMiddle] = [out, expected].map((signal) =>
      signal.subarray(200, signal.length - 200),
    );
    expect(largestDifference(actualMiddle!, expectedMiddle!)).toBeLessThan(2e-4);
  });

  it('removes what the new rate cannot hold', () => {
    const out = resample(sine(24_000, 5_000), 24_000, 8_000);
    expect(rms(out.subarray(100, 7_900)) / rms(sine(24_000, 5_000))).toBeLessThan(1e-4);
    expect(amplitudeAt(out, 3_000, 8_000)).toBeLessThan(1e-4);
  });

  it.each([
    { from: 24_000, to: 8_000, size: 1 },
    { from: 44_100, to: 24_000, size: 997 },
    { from: 8_000, to: 24_000, size: 63 },
    { from: 24_000, to: 24_000, size: 100 },
  ])('does not depend on the cuts: $from to $to in $size', ({ from, to, size }) => {
    const samples = swellingNoise(5_003, 5);
    expect(resampleInPieces(samples, from, to, size)).toEqual(resample(samples, from, to));
  });

  it('keeps a constant constant, and handles 0 and 1 samples', () => {
    const out = resample(new Float32Array(9_000).fill(0.25), 44_100, 24_000);
    expect(
      largestDifference(out.subarray(100, 4_700), new Float32Array(4_600).fill(0.25)),
    ).toBeLessThan(1e-6);
    expect(resample(new Float32Array(0), 48_000, 24_000)).toHaveLength(0);
    expect(resample(Float32Array.of(1), 48_000, 24_000)).toHaveLength(1);
  });

  it.each([0, 999, 768_001, 24_000.5, NaN])('refuses a rate of %d Hz', (rate) => {
    expect(() => new Resampler(rate, 24_000)).toThrow(errorWithCode('OPTION_INVALID'));
  });
});
