import { SpeechError } from '../../base/errors.js';
import { checkFinite } from '../checks.js';
import { concatCodes, keepLevels } from '../codes.js';
import type { CodecProperties, Codes, EncoderStream } from '../contract.js';
import type { FrameEncoder } from './frame-codec.js';
import { SampleBuffer } from './sample-buffer.js';
import { Serial } from './serial.js';

/**
 * Frames go through the networks in pairs until the last ones. A matrix product with a single row
 * takes another way through the runtime and may round its last bit otherwise, which now and then
 * would choose another token than the whole does.
 */
const FRAMES_PER_GROUP = 2;
/** Seconds of audio that go through the networks at once: long enough to be fast, and it bounds memory. */
const CHUNK_SECONDS = 2;

/** Buffers samples into frames in front of a {@link FrameEncoder}. */
export class BufferedEncoderStream implements EncoderStream {
  readonly #codec: CodecProperties;
  readonly #overlap: number;
  readonly #frames: FrameEncoder;
  readonly #numCodebooks: number;
  readonly #buffer: SampleBuffer;
  readonly #serial = new Serial();
  readonly #chunkGroups: number;
  #numSamples = 0;
  #numFrames = 0;

  /**
   * @param codec - What the codec promises.
   * @param overlap - Samples to pad by, so that the decoder can give back every sample.
   * @param frames - The state of the stream; this object closes it.
   * @param numCodebooks - Levels to keep.
   */
  constructor(codec: CodecProperties, overlap: number, frames: FrameEncoder, numCodebooks: number) {
    this.#codec = codec;
    this.#overlap = overlap;
    this.#frames = frames;
    this.#numCodebooks = numCodebooks;
    this.#buffer = new SampleBuffer(FRAMES_PER_GROUP * codec.frameSize);
    this.#chunkGroups = Math.ceil((CHUNK_SECONDS * codec.frameRate) / FRAMES_PER_GROUP);
  }

  /**
   * Encodes the pairs of frames that the samples complete, perhaps none.
   *
   * @throws {SpeechError} `AUDIO_INVALID` if a sample is not finite; `STATE_INVALID` after `close`.
   */
  push(pcm: Float32Array): Promise<Codes> {
    return this.#serial.run(async () => {
      checkFinite(pcm);
      this.#numSamples += pcm.length;
      const chunks = [this.#none()];
      const chunkSize = this.#chunkGroups * FRAMES_PER_GROUP * this.#codec.frameSize;
      for (let start = 0; start < pcm.length; start += chunkSize) {
        this.#buffer.push(pcm.subarray(start, start + chunkSize));
        chunks.push(await this.#encode(this.#buffer.takeFrames(this.#chunkGroups + 1)));
      }
      return concatCodes(chunks);
    });
  }

  /**
   * Pads with silence and gives the last frames.
   *
   * @throws {SpeechError} `AUDIO_EMPTY` if nothing was pushed; `STATE_INVALID` after `close`.
   */
  flush(): Promise<Codes> {
    return this.#serial.run(async () => {
      const { frameSize } = this.#codec;
      const numSamples = this.#numSamples;
      if (numSamples === 0) {
        throw new SpeechError('AUDIO_EMPTY', 'No samples were pushed; at least one is needed.');
      }
      const before = this.#numFrames * frameSize;
      const numFrames = Math.ceil((numSamples + this.#overlap) / frameSize);
      this.#buffer.push(new Float32Array(numFrames * frameSize - numSamples));
      const codes = await this.#encode(this.#buffer.takeAll());
      this.#restart();
      return { ...codes, numSamples: numSamples - before };
    });
  }

  /** Forgets what was pushed. @throws {SpeechError} `STATE_INVALID` after `close`. */
  reset(): Promise<void> {
    return this.#serial.run(() => {
      this.#restart();
    });
  }

  /** Frees the state, after the calls that came before. */
  close(): Promise<void> {
    return this.#serial.close(() => {
      this.#frames.close();
    });
  }

  async #encode(samples: Float32Array): Promise<Codes> {
    if (samples.length === 0) {
      return this.#none();
    }
    const { frameSize, numCodebooks } = this.#codec;
    const data = await this.#frames.encode(samples);
    const numFrames = samples.length / frameSize;
    this.#numFrames += numFrames;
    const codes = { data, numFrames, numCodebooks, numSamples: samples.length };
    return keepLevels(codes, this.#numCodebooks);
  }

  #restart(): void {
    this.#buffer.clear();
    this.#frames.reset();
    this.#numSamples = 0;
    this.#numFrames = 0;
  }

  #none(): Codes {
    const numCodebooks = this.#numCodebooks;
    return { data: new Uint16Array(0), numFrames: 0, numCodebooks, numSamples: 0 };
  }
}
