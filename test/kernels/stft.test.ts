import { istft, stft } from '../../kernels/index.js';
import { istftNaive, stftNaive } from '../../kernels/stft/naive.js';
import { noise, relativeRms } from '../helpers/signal.js';
import { inPieces, runStream } from './run-graph.js';

const TOLERANCE = 1e-5; // float32 against float64

describe('stft', () => {
  it.each([
    { fftSize: 16, hop: 4, frames: 1, chunk: 1 },
    { fftSize: 16, hop: 4, frames: 63, chunk: 2 }, // the history is longer than a chunk
    { fftSize: 16, hop: 4, frames: 63, chunk: 63 },
    { fftSize: 20, hop: 10, frames: 10, chunk: 3 },
    { fftSize: 960, hop: 240, frames: 5, chunk: 2 },
  ])('matches the reference: %j', async ({ fftSize, hop, frames, chunk }) => {
    const x = noise(frames * hop, 1);
    const y = await runStream(
      (graph, value) => stft(graph, value, { fftSize, hop }),
      0,
      inPieces(x, hop, chunk),
    );
    expect(relativeRms(stftNaive(x, fftSize, hop), y)).toBeLessThan(TOLERANCE);
  });

  it('gives a cosine of bin 1 half the window in that bin', async () => {
    // by hand: a Hann window of 8 sums to 4, of which a cosine leaves half, as a real number
    const x = Float32Array.from({ length: 16 }, (_, n) => Math.cos((2 * Math.PI * n) / 8));
    const y = await runStream((graph, value) => stft(graph, value, { fftSize: 8, hop: 8 / 2 }), 0, [
      x,
    ]);
    const last = y.slice(-10);
    expect(last[1]).toBeCloseTo(2, 5);
    expect(last[6]).toBeCloseTo(0, 5);
    expect(last[4]).toBeCloseTo(0, 5);
  });

  it('refuses a hop that does not divide the frame', async () => {
    const run = runStream((graph, value) => stft(graph, value, { fftSize: 16, hop: 5 }), 0, []);
    await expect(run).rejects.toMatchObject({ code: 'GRAPH_INVALID' });
  });
});

describe('istft', () => {
  it.each([
    { fftSize: 16, hop: 4, frames: 1, chunk: 1 },
    { fftSize: 16, hop: 4, frames: 63, chunk: 2 },
    { fftSize: 24, hop: 8, frames: 20, chunk: 7 },
    { fftSize: 960, hop: 240, frames: 5, chunk: 5 },
  ])('matches the reference: %j', async ({ fftSize, hop, frames, chunk }) => {
    const width = 2 * (fftSize / 2 + 1);
    const x = noise(frames * width, 2);
    const y = await runStream(
      (graph, value) => istft(graph, value, { fftSize, hop }),
      width,
      inPieces(x, width, chunk),
    );
    expect(relativeRms(istftNaive(x, fftSize, hop), y)).toBeLessThan(TOLERANCE);
  });

  it('undoes stft, fftSize - hop samples late', async () => {
    const sizes = { fftSize: 16, hop: 4 };
    const x = noise(100, 3);
    const y = await runStream((graph, value) => istft(graph, stft(graph, value, sizes), sizes), 0, [
      x,
    ]);
    expect(relativeRms(x.subarray(0, 88), y.slice(12))).toBeLessThan(TOLERANCE);
  });
});
