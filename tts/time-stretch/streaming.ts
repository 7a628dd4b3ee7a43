import { SpeechError } from '../../base/errors.js';
import {
  checkSpeed,
  DISTANCE_PENALTY,
  fadeIn,
  HOP,
  SEARCH,
  SILENCE_ENERGY,
  STRIDE,
} from './parameters.js';

const FADE = Float64Array.from({ length: HOP }, (_, index) => fadeIn(index));

/** What a {@link TimeStretch} remembers: places in input and output, and the input from `origin` on. */
export type StretchState = {
  samples: Float32Array;
  origin: number;
  numIn: number;
  numOut: number;
  block: number;
  source: number;
};

/**
 * Changes the duration of a stream of speech and keeps its pitch.
 *
 * The result is that of `stretchNaive` on the whole, however the input is cut. At most 110 ms of
 * input wait inside, 70 ms up to speed 2. Speed 1 passes every sample through untouched and at once.
 */
export class TimeStretch {
  readonly speed: number;
  /** Input from `#origin` on; before the origin nothing is needed any more. */
  #buffer = new Float32Array(16 * HOP);
  #filled = 0;
  #origin = 0;
  #numIn = 0;
  #numOut = 0;
  #block = 0;
  #source = 0;

  /**
   * @param speed - 0.25 to 4; 2 halves the duration.
   * @throws {SpeechError} `SPEED_OUT_OF_RANGE`.
   */
  constructor(speed: number) {
    checkSpeed(speed);
    this.speed = speed;
  }

  /** What it remembers, for {@link restore}. */
  snapshot(): StretchState {
    return {
      samples: this.#buffer.slice(0, this.#filled),
      origin: this.#origin,
      numIn: this.#numIn,
      numOut: this.#numOut,
      block: this.#block,
      source: this.#source,
    };
  }

  /**
   * Goes on from a {@link snapshot} at the same speed.
   *
   * @throws {SpeechError} `STATE_INVALID` if it contradicts itself.
   */
  restore(state: StretchState): void {
    this.#filled = 0;
    this.#block = 0;
    this.#source = 0;
    this.#origin = state.origin;
    this.#append(state.samples);
    this.#numIn = state.numIn;
    this.#numOut = state.numOut;
    this.#block = state.block;
    this.#source = state.source;
    const end = this.#origin + this.#filled;
    // all that could be made of the input had been made
    const isComplete = Math.max(this.#reach(this.#block), this.#natural() + HOP) > end;
    if (this.speed !== 1 && (end !== this.#numIn || !isComplete)) {
      throw new SpeechError(
        'STATE_INVALID',
        'The snapshot of the time stretch contradicts itself.',
      );
    }
  }

  /**
   * Takes more speech.
   *
   * @param samples - Mono samples at 24 kHz, any number; not kept.
   * @returns The output that is now complete, possibly empty; at speed 1 `samples` itself.
   */
  push(samples: Float32Array): Float32Array {
    if (this.speed === 1) {
      return samples;
    }
    this.#append(samples);
    this.#numIn += samples.length;
    return this.#produce(Infinity);
  }

  /**
   * Ends the stream.
   *
   * @returns The rest of the output; with all pushes together `round(N / speed)` samples.
   */
  flush(): Float32Array {
    if (this.speed === 1) {
      return new Float32Array(0);
    }
    const total = Math.round(this.#numIn / this.speed);
    // silence up to what the last block looks at
    const lastBlock = Math.ceil(total / HOP);
    const reach = Math.max(0, this.#reach(lastBlock) + HOP - this.#numIn);
    this.#append(new Float32Array(reach));
    return this.#produce(total);
  }

  /**
   * Says when something in the input is heard in the output.
   *
   * @param seconds - Time in the input, in seconds from the start of the stream.
   * @returns Time in the output, in seconds from its start.
   */
  mapSeconds(seconds: number): number {
    return seconds / this.speed;
  }

  /** Where the input that follows the last block naturally begins. */
  #natural(): number {
    return this.#block === 0 ? 0 : this.#source + HOP;
  }

  /** How many input samples there must be before `block` can be made. */
  #reach(block: number): number {
    const nominal = Math.round(block * HOP * this.speed);
    // at high speeds a block stands for more input than it looks at, and the input may end in between
    return Math.max(nominal + SEARCH + HOP, Math.ceil((block + 1) * HOP * this.speed));
  }

  #append(samples: Float32Array): void {
    const keepFrom = Math.min(this.#natural(), Math.round(this.#block * HOP * this.speed) - SEARCH);
    const drop = Math.min(this.#filled, Math.max(0, keepFrom - this.#origin));
    if (drop > 0) {
      this.#buffer.copyWithin(0, drop, this.#filled);
      this.#filled -= drop;
      this.#origin += drop;
    }
    if (this.#filled + samples.length > this.#buffer.length) {
      const larger = new Float32Array(2 * (this.#filled + samples.length));
      larger.set(this.#buffer.subarray(0, this.#filled));
      this.#buffer = larger;
    }
    this.#buffer.set(samples, this.#filled);
    this.#filled += samples.length;
  }

  #produce(total: number): Float32Array {
    const end = this.#origin + this.#filled;
    const parts: Float32Array[] = [];
    let numSamples = 0;
    while (this.#numOut < total) {
      const natural = this.#natural();
      if (Math.max(this.#reach(this.#block), natural + HOP) > end) {
        break;
      }
      const block = this.#makeBlock(natural);
      const part = block.subarray(0, Math.min(HOP, total - this.#numOut));
      parts.push(part);
      numSamples += part.length;
      this.#numOut += part.length;
      this.#block++;
    }
    return concat(parts, numSamples);
  }

  #makeBlock(natural: number): Float32Array {
    const nominal = Math.round(this.#block * HOP * this.speed);
    this.#source = this.#block === 0 ? 0 : this.#findBest(natural, nominal);
    const out = new Float32Array(HOP);
    for (let index = 0; index < HOP; index++) {
      const weight = FADE[index]!;
      out[index] =
        (1 - weight) * this.#at(natural + index) + weight * this.#at(this.#source + index);
    }
    return out;
  }

  #findBest(natural: number, nominal: number): number {
    const naturalEnergy = this.#energy(natural);
    let energy = this.#energy(nominal - SEARCH);
    let best = nominal;
    let bestScore = -Infinity;
    for (let offset = -SEARCH; offset <= SEARCH; offset++) {
      const start = nominal + offset;
      let score = (-DISTANCE_PENALTY * Math.abs(offset + 0.25)) / SEARCH;
      if (naturalEnergy >= SILENCE_ENERGY && energy >= SILENCE_ENERGY) {
        score += (STRIDE * this.#product(natural, start)) / Math.sqrt(naturalEnergy * energy);
      }
      if (score > bestScore) {
        bestScore = score;
        best = start;
      }
      // the next candidate's energy, from this one's
      energy += this.#at(start + HOP) ** 2 - this.#at(start) ** 2;
    }
    return best;
  }

  #product(first: number, second: number): number {
    // blocks inside the buffer, nearly all of them, need no bounds check per sample
    const buffer = this.#buffer;
    const firstOffset = first - this.#origin;
    const secondOffset = second - this.#origin;
    let product = 0;
    if (Math.min(firstOffset, secondOffset) < 0) {
      for (let index = 0; index < HOP; index += STRIDE) {
        product += this.#at(first + index) * this.#at(second + index);
      }
      return product;
    }
    for (let index = 0; index < HOP; index += STRIDE) {
      product += buffer[firstOffset + index]! * buffer[secondOffset + index]!;
    }
    return product;
  }

  #energy(start: number): number {
    let energy = 0;
    for (let index = 0; index < HOP; index++) {
      energy += this.#at(start + index) ** 2;
    }
    return energy;
  }

  #at(index: number): number {
    const offset = index - this.#origin;
    return offset >= 0 && offset < this.#filled ? this.#buffer[offset]! : 0;
  }
}

function concat(parts: readonly Float32Array[], numSamples: number): Float32Array {
  const whole = new Float32Array(numSamples);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
