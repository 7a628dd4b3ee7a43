/**
 * A tone with overtones, as a voice has them.
 *
 * @param numSamples - Length.
 * @param frequency - Of the fundamental, Hz.
 * @param sampleRate - Hz.
 * @returns Samples of at most 0.6.
 */
export function harmonicTone(
  numSamples: number,
  frequency: number,
  sampleRate = 24_000,
): Float32Array {
  return Float32Array.from({ length: numSamples }, (_, index) => {
    const angle = (2 * Math.PI * frequency * index) / sampleRate;
    return 0.3 * Math.sin(angle) + 0.2 * Math.sin(2 * angle) + 0.1 * Math.sin(3 * angle + 1);
  });
}

/**
 * A plain tone.
 *
 * @param numSamples - Length.
 * @param frequency - Hz.
 * @param sampleRate - Hz.
 * @param amplitude - Peak.
 * @returns Samples.
 */
export function sine(
  numSamples: number,
  frequency: number,
  sampleRate = 24_000,
  amplitude = 0.5,
): Float32Array {
  return Float32Array.from(
    { length: numSamples },
    (_, index) => amplitude * Math.sin((2 * Math.PI * frequency * index) / sampleRate),
  );
}

/**
 * Repeatable noise with swells, so that no two places of it are alike.
 *
 * @param numSamples - Length.
 * @param seed - Any integer.
 * @returns Samples of at most 0.8.
 */
export function swellingNoise(numSamples: number, seed: number): Float32Array {
  let state = seed | 0;
  let smooth = 0;
  return Float32Array.from({ length: numSamples }, (_, index) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    smooth = 0.7 * smooth + 0.3 * (state / 2 ** 31);
    return 0.8 * smooth * (0.5 + 0.5 * Math.sin(index / 1_500));
  });
}

/**
 * How much of one frequency is in a signal.
 *
 * @param samples - The signal.
 * @param frequency - Hz.
 * @param sampleRate - Hz.
 * @returns The amplitude of that frequency.
 */
export function amplitudeAt(samples: Float32Array, frequency: number, sampleRate = 24_000): number {
  let real = 0;
  let imaginary = 0;
  let weights = 0;
  samples.forEach((sample, index) => {
    // a Hann window keeps other frequencies from leaking in
    const weight = 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / samples.length);
    const angle = (2 * Math.PI * frequency * index) / sampleRate;
    real += weight * sample * Math.cos(angle);
    imaginary += weight * sample * Math.sin(angle);
    weights += weight;
  });
  return (2 * Math.hypot(real, imaginary)) / weights;
}

/**
 * The period of a voice-like signal, by autocorrelation.
 *
 * @param samples - The signal, at 24 kHz.
 * @param from - Shortest period in samples.
 * @param to - Longest period in samples.
 * @returns The period in samples.
 */
export function findPeriod(samples: Float32Array, from: number, to: number): number {
  let best = from;
  let bestScore = -Infinity;
  for (let lag = from; lag <= to; lag++) {
    let product = 0;
    let energy = 1e-12;
    for (let index = lag; index < samples.length; index++) {
      product += samples[index]! * samples[index - lag]!;
      energy += samples[index - lag]! ** 2;
    }
    if (product / energy > bestScore) {
      bestScore = product / energy;
      best = lag;
    }
  }
  return best;
}

/**
 * The root mean square of a signal.
 *
 * @param samples - The signal.
 * @returns 0 for silence.
 */
export function rms(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) {
    sum += sample ** 2;
  }
  return Math.sqrt(sum / samples.length);
}
