import {
  checkSpeed,
  DISTANCE_PENALTY,
  fadeIn,
  HOP,
  SEARCH,
  SILENCE_ENERGY,
  STRIDE,
} from './parameters.js';

/**
 * Changes the duration of speech and keeps its pitch: WSOLA (Verhelst and Roelands, 1993), straight
 * from the formula and never optimised.
 *
 * Output block `k` fades from the input that naturally follows block `k - 1` to the input near
 * `k * HOP * speed` that resembles it most.
 *
 * @param samples - Mono samples at 24 kHz; outside of them lies silence.
 * @param speed - 0.25 to 4; 2 halves the duration.
 * @returns `round(N / speed)` samples; at speed 1 a copy of the input.
 * @throws {SpeechError} `SPEED_OUT_OF_RANGE`.
 */
export function stretchNaive(samples: Float32Array, speed: number): Float32Array {
  checkSpeed(speed);
  if (speed === 1) {
    return samples.slice();
  }
  const at = (index: number) => samples[index] ?? 0;
  const out = new Float32Array(Math.round(samples.length / speed));
  let source = 0;
  for (let block = 0; block * HOP < out.length; block++) {
    const natural = block === 0 ? 0 : source + HOP;
    source = block === 0 ? 0 : findBest(at, natural, Math.round(block * HOP * speed));
    for (let index = 0; index < HOP && block * HOP + index < out.length; index++) {
      const weight = fadeIn(index);
      out[block * HOP + index] = (1 - weight) * at(natural + index) + weight * at(source + index);
    }
  }
  return out;
}

function findBest(at: (index: number) => number, natural: number, nominal: number): number {
  let best = nominal;
  let bestScore = -Infinity;
  for (let offset = -SEARCH; offset <= SEARCH; offset++) {
    const score = similarity(at, natural, nominal + offset) - penalty(offset);
    if (score > bestScore) {
      bestScore = score;
      best = nominal + offset;
    }
  }
  return best;
}

function similarity(at: (index: number) => number, first: number, second: number): number {
  let product = 0;
  for (let index = 0; index < HOP; index += STRIDE) {
    product += at(first + index) * at(second + index);
  }
  const energies = [first, second].map((start) => {
    let energy = 0;
    for (let index = 0; index < HOP; index++) {
      energy += at(start + index) ** 2;
    }
    return energy;
  });
  const [firstEnergy, secondEnergy] = energies as [number, number];
  if (firstEnergy < SILENCE_ENERGY || secondEnergy < SILENCE_ENERGY) {
    return 0;
  }
  return (STRIDE * product) / Math.sqrt(firstEnergy * secondEnergy);
}

function penalty(offset: number): number {
  // a quarter sample to one side, so that +n and -n never tie
  return (DISTANCE_PENALTY * Math.abs(offset + 0.25)) / SEARCH;
}
