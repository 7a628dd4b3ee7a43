import { SpeechError } from '../../base/errors.js';

// channels that have nothing in common lose 3 dB in the mean of two, one of 64 loses 18 dB
const CANCELLED = 0.01;

/**
 * Mixes the channels of one recording, piece by piece: the mean of all of them.
 */
export class MonoMixer {
  readonly #numChannels: number;
  #numFrames = 0;
  #mixEnergy = 0;
  #channelEnergy = 0;

  /**
   * @param numChannels - At least 1.
   */
  constructor(numChannels: number) {
    this.#numChannels = numChannels;
  }

  /** Samples of each channel so far. */
  get numFrames(): number {
    return this.#numFrames;
  }

  /**
   * Mixes the next samples.
   *
   * @param numFrames - Samples of each channel.
   * @param read - Gives the sample with a number in the piece, the channels being interleaved.
   * @returns The mean, clipped to `[-1, 1]`.
   * @throws {SpeechError} `AUDIO_INVALID` if a sample is no number or infinite, with its place.
   */
  mix(numFrames: number, read: (index: number) => number): Float32Array {
    const numChannels = this.#numChannels;
    const mono = new Float32Array(numFrames);
    for (let frame = 0; frame < numFrames; frame++) {
      let sum = 0;
      let energy = 0;
      for (let channel = 0; channel < numChannels; channel++) {
        const sample = read(frame * numChannels + channel);
        sum += sample;
        energy += sample * sample;
      }
      if (!Number.isFinite(sum)) {
        this.#refuse(frame, read);
      }
      const mean = sum / numChannels;
      this.#mixEnergy += mean * mean;
      this.#channelEnergy += energy / numChannels;
      mono[frame] = Math.min(1, Math.max(-1, mean));
    }
    this.#numFrames += numFrames;
    return mono;
  }

  /** What is odd about all that was mixed: one sentence, or `undefined`. */
  get warning(): string | undefined {
    return this.#mixEnergy < CANCELLED * this.#channelEnergy
      ? `the ${this.#numChannels} channels cancel each other out when mixed (one of them is inverted); the result is nearly silent`
      : undefined;
  }

  #refuse(frame: number, read: (index: number) => number): never {
    const samples = Array.from({ length: this.#numChannels }, (_, channel) =>
      read(frame * this.#numChannels + channel),
    );
    // finite samples may have an infinite sum, if they are as large as numbers get
    const channel = Math.max(
      0,
      samples.findIndex((sample) => !Number.isFinite(sample)),
    );
    const index = this.#numFrames + frame;
    throw new SpeechError(
      'AUDIO_INVALID',
      `Sample ${index} of channel ${channel} is ${samples[channel]!}; samples must be finite numbers (both counted from 0).`,
      { sample: index, channel },
    );
  }
}
