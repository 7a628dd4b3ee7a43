import { checkCodes } from '../checks.js';
import type { CodecProperties, Codes, DecoderStream } from '../contract.js';
import type { FrameDecoder } from './frame-codec.js';
import { Serial } from './serial.js';

/** Seconds of audio that go through the networks at once; it bounds memory. */
const CHUNK_SECONDS = 2;

/** Trims what a {@link FrameDecoder} gives to the samples that the tokens stand for. */
export class TrimmedDecoderStream implements DecoderStream {
  readonly #codec: CodecProperties;
  readonly #overlap: number;
  readonly #frames: FrameDecoder;
  readonly #serial = new Serial();
  readonly #chunkFrames: number;
  #owed = 0;
  #lastFrame: Codes | undefined;

  /**
   * @param codec - What the codec promises.
   * @param overlap - Samples by which the audio trails the frames.
   * @param frames - The state of the stream; this object closes it.
   */
  constructor(codec: CodecProperties, overlap: number, frames: FrameDecoder) {
    this.#codec = codec;
    this.#overlap = overlap;
    this.#frames = frames;
    this.#chunkFrames = Math.ceil(CHUNK_SECONDS * codec.frameRate);
  }

  /**
   * Decodes frames, 2 seconds of audio at a time; see {@link DecoderStream.push}.
   *
   * @throws {SpeechError} `CODE_OUT_OF_RANGE`, `INPUT_SHAPE_MISMATCH`; `STATE_INVALID` after `close`.
   */
  push(codes: Codes): Promise<Float32Array> {
    return this.#serial.run(async () => {
      checkCodes(this.#codec, codes);
      this.#owed += codes.numSamples;
      return this.#decode(codes);
    });
  }

  /** Gives the samples still owed, none if there are none. @throws {SpeechError} `STATE_INVALID` after `close`. */
  flush(): Promise<Float32Array> {
    return this.#serial.run(async () => {
      let tail: Float32Array = new Float32Array(0);
      if (this.#owed > 0 && this.#lastFrame !== undefined) {
        tail = await this.#decode(repeatFrame(this.#lastFrame, this.#repeats()));
      }
      this.#restart();
      return tail;
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

  async #decode(codes: Codes): Promise<Float32Array> {
    const { data, numFrames, numCodebooks } = codes;
    const room = Math.min(this.#owed, numFrames * this.#codec.frameSize);
    const samples = new Float32Array(room);
    let length = 0;
    for (let frame = 0; frame < numFrames; frame += this.#chunkFrames) {
      const end = Math.min(frame + this.#chunkFrames, numFrames);
      const part = data.subarray(frame * numCodebooks, end * numCodebooks);
      const decoded = await this.#frames.decode(part, numCodebooks);
      const kept = decoded.subarray(0, room - length);
      samples.set(kept, length);
      length += kept.length;
    }
    if (numFrames > 0) {
      const last = data.slice((numFrames - 1) * numCodebooks);
      this.#lastFrame = { data: last, numFrames: 1, numCodebooks, numSamples: 0 };
    }
    this.#owed -= length;
    return length === room ? samples : samples.slice(0, length);
  }

  #repeats(): number {
    return Math.ceil(this.#overlap / this.#codec.frameSize);
  }

  #restart(): void {
    this.#frames.reset();
    this.#owed = 0;
    this.#lastFrame = undefined;
  }
}

function repeatFrame(frame: Codes, times: number): Codes {
  const data = new Uint16Array(frame.data.length * times);
  for (let index = 0; index < times; index++) {
    data.set(frame.data, index * frame.data.length);
  }
  return { ...frame, data, numFrames: times };
}
