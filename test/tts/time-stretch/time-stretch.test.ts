import { stretchNaive, TimeStretch } from '../../../tts/time-stretch/index.js';
import { errorWithCode } from '../../helpers/errors.js';
import { cut, join, largestDifference } from '../../helpers/chunks.js';
import { findPeriod, harmonicTone, rms, swellingNoise } from '../../helpers/tones.js';

const TOLERANCE = 1e-6; // float32 rounding; the streaming search keeps a running energy

function stretchInPieces(samples: Float32Array, speed: number, size: number): Float32Array {
  const stretch = new TimeStretch(speed);
  return join([...cut(samples, size).map((piece) => stretch.push(piece)), stretch.flush()]);
}

describe('TimeStretch', () => {
  it.each([
    { speed: 0.25, size: 333, numSamples: 6_001 },
    { speed: 0.5, size: 7, numSamples: 3_000 },
    { speed: 0.9, size: 4_800, numSamples: 12_345 },
    { speed: 1.3, size: 1, numSamples: 3_100 },
    { speed: 2, size: 480, numSamples: 9_600 },
    { speed: 4, size: 20_000, numSamples: 20_000 },
    { speed: 4, size: 1_000, numSamples: 20_011 },
    { speed: 2, size: 1, numSamples: 1 },
    { speed: 0.7, size: 100, numSamples: 100 },
  ])('matches the reference at speed $speed in pieces of $size', ({ speed, size, numSamples }) => {
    const samples = swellingNoise(numSamples, 42);
    const expected = stretchNaive(samples, speed);
    const actual = stretchInPieces(samples, speed, size);
    expect(actual.length).toBe(Math.round(numSamples / speed));
    expect(largestDifference(expected, actual)).toBeLessThan(TOLERANCE);
  });

  it.each([0.5, 0.8, 1.25, 2])('does not depend on the cuts at speed %d', (speed) => {
    const samples = harmonicTone(24_000, 117);
    const whole = stretchInPieces(samples, speed, samples.length);
    for (const size of [1_237, 480, 91]) {
      expect(stretchInPieces(samples, speed, size)).toEqual(whole);
    }
  });

  it.each([0.25, 0.5, 0.75, 1.5, 2, 3, 4])('keeps pitch and level at speed %d', (speed) => {
    const samples = harmonicTone(48_000, 120);
    const out = stretchInPieces(samples, speed, 2_400);
    const middle = out.subarray(1_000, out.length - 1_000);
    expect(findPeriod(middle, 100, 390)).toBe(200);
    expect(rms(middle) / rms(samples)).toBeCloseTo(1, 1);
  });

  it('passes every sample through untouched at speed 1, at once', () => {
    const samples = swellingNoise(1_000, 7);
    const stretch = new TimeStretch(1);
    expect(stretch.push(samples)).toEqual(samples);
    expect(stretch.flush()).toHaveLength(0);
    expect(stretchNaive(samples, 1)).toEqual(samples);
  });

  it('keeps less than 70 ms of input waiting', () => {
    const stretch = new TimeStretch(1.5);
    const out = stretch.push(swellingNoise(24_000, 3));
    expect(out.length * 1.5).toBeGreaterThan(24_000 - 0.07 * 24_000);
  });

  it('keeps silence silent and two streams apart', () => {
    expect(rms(stretchInPieces(new Float32Array(5_000), 1.7, 500))).toBe(0);
    const first = new TimeStretch(2);
    const second = new TimeStretch(2);
    first.push(swellingNoise(5_000, 1));
    const samples = swellingNoise(5_000, 2);
    expect(join([second.push(samples), second.flush()])).toEqual(
      stretchInPieces(samples, 2, samples.length),
    );
  });

  it.each([0.5, 1, 2])('maps times as samples at speed %d', (speed) => {
    const stretch = new TimeStretch(speed);
    const numSamples = stretch.push(harmonicTone(48_000, 100)).length + stretch.flush().length;
    expect(stretch.mapSeconds(2)).toBeCloseTo(numSamples / 24_000, 3);
    expect(stretch.mapSeconds(0.5)).toBeCloseTo(0.5 / speed, 3);
  });

  it.each([0, 0.249, 4.01, -1, NaN, Infinity])('refuses speed %d', (speed) => {
    expect(() => new TimeStretch(speed)).toThrow(errorWithCode('SPEED_OUT_OF_RANGE'));
  });
});
