/**
 * The periodic Hann window.
 *
 * @param size - Its length.
 * @returns `0.5 - 0.5 cos(2 pi n / size)`.
 */
export function hann(size: number): Float64Array {
  return Float64Array.from(
    { length: size },
    (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / size),
  );
}

/**
 * Reference of `stft`, in float64 by the definition.
 *
 * @param samples - `[N]`, `N` a multiple of `hop`. @param fftSize - Frame. @param hop - Hop.
 * @returns `[N / hop, 2 * (fftSize / 2 + 1)]`: real parts, then imaginary parts.
 */
export function stftNaive(samples: ArrayLike<number>, fftSize: number, hop: number): Float64Array {
  const bins = fftSize / 2 + 1;
  const window = hann(fftSize);
  const frames = samples.length / hop;
  const result = new Float64Array(frames * 2 * bins);
  for (let t = 0; t < frames; t++) {
    for (let k = 0; k < bins; k++) {
      let real = 0;
      let imaginary = 0;
      for (let n = 0; n < fftSize; n++) {
        const index = (t + 1) * hop - fftSize + n;
        const sample = index < 0 ? 0 : samples[index]! * window[n]!;
        real += sample * Math.cos((2 * Math.PI * k * n) / fftSize);
        imaginary -= sample * Math.sin((2 * Math.PI * k * n) / fftSize);
      }
      result[t * 2 * bins + k] = real;
      result[t * 2 * bins + bins + k] = imaginary;
    }
  }
  return result;
}

/**
 * Reference of `istft`, in float64: inverse transform, window, overlap-add, division by the sum of
 * the squared windows.
 *
 * @param spectrum - `[F, 2 * (fftSize / 2 + 1)]`. @param fftSize - Frame. @param hop - Hop.
 * @returns `[F * hop]`; the first `fftSize - hop` lie before the signal.
 */
export function istftNaive(
  spectrum: ArrayLike<number>,
  fftSize: number,
  hop: number,
): Float64Array {
  const bins = fftSize / 2 + 1;
  const window = hann(fftSize);
  const frames = spectrum.length / (2 * bins);
  const signal = new Float64Array((frames - 1) * hop + fftSize);
  for (let t = 0; t < frames; t++) {
    for (let n = 0; n < fftSize; n++) {
      let sample = 0;
      for (let k = 0; k < bins; k++) {
        const isEdge = k === 0 || k === bins - 1;
        const angle = (2 * Math.PI * k * n) / fftSize;
        const real = spectrum[t * 2 * bins + k]!;
        const imaginary = isEdge ? 0 : spectrum[t * 2 * bins + bins + k]!;
        sample +=
          ((isEdge ? 1 : 2) * (real * Math.cos(angle) - imaginary * Math.sin(angle))) / fftSize;
      }
      signal[t * hop + n]! += sample * window[n]!;
    }
  }
  const squares = Array.from({ length: fftSize / hop }, (_, part) => window[part * hop + 1]! ** 2);
  const overlap = squares.reduce((sum, square) => sum + square, 0);
  return signal.slice(0, frames * hop).map((sample) => sample / overlap);
}
