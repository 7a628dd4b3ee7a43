import { hann, stftNaive } from '../../../kernels/stft/naive.js';
import { Fft, RealFft } from '../../../src/pictures/fft.js';
import { FFT_SIZE, NUM_BINS, SpectrumStream } from '../../../src/pictures/spectra.js';
import { noise, relativeRms } from '../../helpers/signal.js';
import { sine } from '../../helpers/tones.js';

const TOLERANCE = 1e-10;

describe('RealFft', () => {
  it.each([4, 8, 64, 1_024])('matches the definition: %d samples', (size) => {
    const samples = noise(size, 1);
    const window = hann(size);
    const fft = new RealFft(size);
    fft.transform(Float64Array.from(samples, (sample, index) => sample * window[index]!));
    const parts = Float64Array.of(...fft.real, ...fft.imaginary);
    expect(relativeRms(stftNaive(samples, size, size), parts)).toBeLessThan(TOLERANCE);
  });
});

describe('Fft', () => {
  it('is its own inverse, with the parts in each other’s place', () => {
    const real = Float64Array.from(noise(128, 2));
    const imaginary = Float64Array.from(noise(128, 3));
    const [oldReal, oldImaginary] = [real.slice(), imaginary.slice()];
    const fft = new Fft(128);
    fft.transform(real, imaginary);
    expect(relativeRms(oldReal, real)).toBeGreaterThan(1);
    fft.transform(imaginary, real);
    const scale = (values: Float64Array) => values.map((value) => value / 128);
    expect(relativeRms(oldReal, scale(real))).toBeLessThan(TOLERANCE);
    expect(relativeRms(oldImaginary, scale(imaginary))).toBeLessThan(TOLERANCE);
  });
});

describe('SpectrumStream', () => {
  function spectraOf(samples: Float32Array, pieceLength: number, hop: number) {
    const stream = new SpectrumStream();
    const spectra: { position: number; power: Float64Array }[] = [];
    const take = () => {
      for (let at = stream.next(hop); at !== undefined; at = stream.next(hop)) {
        spectra.push({ position: at, power: stream.power.slice() });
      }
    };
    for (let start = 0; start < samples.length; start += pieceLength) {
      stream.push(samples.subarray(start, start + pieceLength));
      take();
    }
    stream.finish();
    take();
    return spectra;
  }

  const hop = 256;
  const samples = noise(1_500, 4);
  let reference: Float64Array;
  beforeAll(() => {
    const padded = new Float32Array(8 * hop);
    padded.set(samples);
    reference = stftNaive(padded, FFT_SIZE, hop);
  });

  it.each([1, 255, 2_000])('matches the reference, in pieces of %d samples', (length) => {
    const spectra = spectraOf(samples, length, hop);
    expect(spectra.map(({ position }) => position)).toEqual(
      Array.from({ length: Math.ceil(samples.length / hop) }, (_, index) => index * hop),
    );
    for (let frame = 0; frame < spectra.length; frame++) {
      // the reference's frames end with their hop, ours lie about their position
      const row = reference.subarray((frame + 1) * 2 * NUM_BINS, (frame + 2) * 2 * NUM_BINS);
      const power = Float64Array.from(
        { length: NUM_BINS },
        (_, bin) => (row[bin]! ** 2 + row[NUM_BINS + bin]! ** 2) * (4 / FFT_SIZE) ** 2,
      );
      expect(relativeRms(power, spectra[frame]!.power)).toBeLessThan(TOLERANCE);
    }
  });

  it('gives a sine of amplitude 1 a power of 1', () => {
    const bin = 100;
    const spectra = spectraOf(sine(4_096, (bin * 24_000) / FFT_SIZE, 24_000, 1), 4_096, 1_024);
    expect(spectra[2]!.power[bin]).toBeCloseTo(1, 6);
    expect(spectra[2]!.power[bin + 3]).toBeCloseTo(0, 6);
  });
});
