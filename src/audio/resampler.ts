import { greatestCommonDivisor } from '../../base/arrays.js';
import { SpeechError } from '../../base/errors.js';

/** Lowest and highest sample rate in Hz that {@link Resampler} takes. */
export const SAMPLE_RATE_RANGE = { min: 1_000, max: 768_000 } as const;

// 24 zero crossings a side with a Kaiser window of beta 9 leave about -90 dB of aliasing and a
// transition band of a tenth of the lower Nyquist frequency
const ZERO_CROSSINGS = 24;
const KAISER_BETA = 9;
const CUTOFF = 0.94;
const MAX_PHASES = 1_024;

/**
 * Changes the sample rate of a stream by any rational ratio: a polyphase windowed-sinc filter.
 *
 * The output is aligned with the input (sample 0 on sample 0) and does not depend on how the input
 * was cut into pushes. One object serves one stream.
 */
export class Resampler {
  readonly #up: number;
  readonly #down: number;
  readonly #halfTaps: number;
  readonly #phases: Float64Array[];
  #buffer: Float32Array;
  #filled: number;
  /** Index into `#buffer` of the input sample at or before the next output sample. */
  #position: number;
  /** Where the next output sample lies after `#position`, in units of `1 / #up` input samples. */
  #phase = 0;
  #numIn = 0;
  #numOut = 0;

  /**
   * @param inputRate - Sample rate of what is pushed, in Hz; an integer in {@link SAMPLE_RATE_RANGE}.
   * @param outputRate - Sample rate of what comes out, likewise.
   * @throws {SpeechError} `OPTION_INVALID` if a rate is out of range.
   */
  constructor(inputRate: number, outputRate: number) {
    checkRate('inputRate', inputRate);
    checkRate('outputRate', outputRate);
    const divisor = greatestCommonDivisor(inputRate, outputRate);
    this.#up = outputRate / divisor;
    this.#down = inputRate / divisor;
    const scale = Math.min(1, outputRate / inputRate);
    this.#halfTaps = Math.ceil(ZERO_CROSSINGS / scale);
    this.#phases = makePhases(Math.min(this.#up, MAX_PHASES), this.#halfTaps, scale * CUTOFF);
    // silence before the first sample
    this.#buffer = new Float32Array(this.#halfTaps * 4 + 4_096);
    this.#filled = this.#halfTaps;
    this.#position = this.#halfTaps;
  }

  /**
   * Takes more input.
   *
   * @param samples - Any number of samples, 0 included; not kept.
   * @returns The output that is now complete, possibly empty.
   */
  push(samples: Float32Array): Float32Array {
    if (this.#up === this.#down) {
      return samples.slice();
    }
    this.#append(samples);
    this.#numIn += samples.length;
    return this.#produce(Infinity);
  }

  /**
   * Ends the stream.
   *
   * @returns The rest of the output; with all pushes together `ceil(N * outputRate / inputRate)`
   * samples for `N` pushed.
   */
  flush(): Float32Array {
    if (this.#up === this.#down) {
      return new Float32Array(0);
    }
    const total = Math.ceil((this.#numIn * this.#up) / this.#down);
    this.#append(new Float32Array(this.#halfTaps + 1));
    return this.#produce(total - this.#numOut);
  }

  #append(samples: Float32Array): void {
    const needed = this.#filled + samples.length;
    const first = this.#position - this.#halfTaps + 1;
    if (needed > this.#buffer.length && first > 0) {
      this.#buffer.copyWithin(0, first, this.#filled);
      this.#filled -= first;
      this.#position -= first;
    }
    if (this.#filled + samples.length > this.#buffer.length) {
      const larger = new Float32Array(2 * (this.#filled + samples.length));
      larger.set(this.#buffer.subarray(0, this.#filled));
      this.#buffer = larger;
    }
    this.#buffer.set(samples, this.#filled);
    this.#filled += samples.length;
  }

  #produce(limit: number): Float32Array {
    const available = this.#filled - this.#halfTaps - this.#position;
    const upper = Math.max(0, Math.ceil((available * this.#up) / this.#down) + 1);
    const out = new Float32Array(Math.min(limit, upper));
    let count = 0;
    while (count < limit && this.#position + this.#halfTaps < this.#filled) {
      out[count++] = this.#filter();
      this.#phase += this.#down;
      const step = Math.floor(this.#phase / this.#up);
      this.#position += step;
      this.#phase -= step * this.#up;
    }
    this.#numOut += count;
    return out.subarray(0, count);
  }

  #filter(): number {
    const first = this.#position - this.#halfTaps + 1;
    const exact = (this.#phase / this.#up) * (this.#phases.length - 1);
    const index = Math.floor(exact);
    const fraction = exact - index;
    const low = this.#dot(this.#phases[index]!, first);
    // between two rows only when the ratio needs more phases than the table has
    return fraction < 1e-9
      ? low
      : low + fraction * (this.#dot(this.#phases[index + 1]!, first) - low);
  }

  #dot(taps: Float64Array, first: number): number {
    let sum = 0;
    for (let tap = 0; tap < taps.length; tap++) {
      sum += taps[tap]! * this.#buffer[first + tap]!;
    }
    return sum;
  }
}

/**
 * Changes the sample rate of a whole signal; see {@link Resampler}.
 *
 * @param samples - Mono samples at `inputRate`.
 * @param inputRate - Hz.
 * @param outputRate - Hz.
 * @returns `ceil(N * outputRate / inputRate)` samples.
 * @throws {SpeechError} `OPTION_INVALID` if a rate is out of range.
 */
export function resample(
  samples: Float32Array,
  inputRate: number,
  outputRate: number,
): Float32Array {
  const resampler = new Resampler(inputRate, outputRate);
  const head = resampler.push(samples);
  const tail = resampler.flush();
  const out = new Float32Array(head.length + tail.length);
  out.set(head);
  out.set(tail, head.length);
  return out;
}

/**
 * The filter's rows: row `p` serves outputs that lie `p / numPhases` after an input sample. One row
 * more than `numPhases` closes the circle for interpolation.
 */
function makePhases(numPhases: number, halfTaps: number, cutoff: number): Float64Array[] {
  const windowScale = 1 / besselI0(KAISER_BETA);
  return Array.from({ length: numPhases + 1 }, (_, phase) => {
    const row = new Float64Array(2 * halfTaps);
    let sum = 0;
    for (let tap = 0; tap < row.length; tap++) {
      const distance = tap - (halfTaps - 1) - phase / numPhases;
      const edge = distance / halfTaps;
      const inside = Math.max(0, 1 - edge * edge);
      const window = besselI0(KAISER_BETA * Math.sqrt(inside)) * windowScale;
      row[tap] = sinc(distance * cutoff) * window;
      sum += row[tap]!;
    }
    // every phase has a gain of exactly 1 at 0 Hz, so a constant stays constant
    return row.map((value) => value / sum);
  });
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function checkRate(name: string, rate: number): void {
  const { min, max } = SAMPLE_RATE_RANGE;
  if (!Number.isInteger(rate) || rate < min || rate > max) {
    throw new SpeechError(
      'OPTION_INVALID',
      `${name} is ${rate}; it must be an integer from ${min} to ${max} Hz.`,
      { [name]: rate },
    );
  }
}
