import { Bands } from '../../../src/pictures/bands.js';
import { frequencyScale, fromMel, toMel } from '../../../src/pictures/frequency-scales.js';
import { NUM_BINS } from '../../../src/pictures/spectra.js';

const BIN_HZ = 12_000 / (NUM_BINS - 1);
const mel = frequencyScale('mel', 12_000);

function spectrumWith(bin: number): Float64Array {
  return new Float64Array(NUM_BINS).fill(1, bin, bin + 1);
}

describe('frequency scales', () => {
  it('go by the formula of HTK', () => {
    expect(toMel(1_000)).toBeCloseTo(999.986, 3);
    expect(toMel(6_300)).toBeCloseTo(2_595, 6); // 700 * (10 - 1)
    expect(fromMel(2_595)).toBeCloseTo(6_300, 6);
  });

  it.each(['mel', 'linear'] as const)('lead back: %s', (name) => {
    const scale = frequencyScale(name, 12_000);
    expect(scale.toPosition(0)).toBe(0);
    expect(scale.toPosition(12_000)).toBe(1);
    expect(scale.toHz(scale.toPosition(3_456))).toBeCloseTo(3_456, 6);
  });
});

describe('Bands', () => {
  it('of a bank are triangles of height 1 between their neighbours', () => {
    const bank = Bands.bank(mel, 80);
    expect(bank.length).toBe(80);
    const edge = (index: number) => fromMel((index * toMel(12_000)) / 81);
    for (const bin of [2, 40, 200, 470]) {
      const hz = bin * BIN_HZ;
      const expected = Array.from({ length: 80 }, (_, band) => {
        const [low, peak, high] = [edge(band), edge(band + 1), edge(band + 2)];
        return Math.max(0, Math.min((hz - low) / (peak - low), (high - hz) / (high - peak)));
      });
      const sums = expected.map((_, band) => bank.sum(spectrumWith(bin), band));
      sums.forEach((sum, band) => {
        expect(sum).toBeCloseTo(expected[band]!, 9);
      });
      if (hz > edge(1)) {
        expect(sums.reduce((total, sum) => total + sum, 0)).toBeCloseTo(1, 9);
      }
    }
  });

  it.each([50, 350, 3_000])('of %d rows give the mean of what is about them', (numRows) => {
    for (const scale of [mel, frequencyScale('linear', 12_000)]) {
      const rows = Bands.rows(scale, numRows);
      const flat = new Float64Array(NUM_BINS).fill(3);
      const slope = Float64Array.from(flat, (_, bin) => bin * BIN_HZ);
      for (let row = 0; row < numRows; row++) {
        expect(rows.sum(flat, row)).toBeCloseTo(3, 9);
      }
      const row = Math.floor(numRows / 2);
      const hz = scale.toHz((row + 0.5) / numRows);
      expect(Math.abs(rows.sum(slope, row) / hz - 1)).toBeLessThan(0.02);
    }
  });
});
