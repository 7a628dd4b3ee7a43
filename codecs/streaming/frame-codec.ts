import type { CodecProperties } from '../contract.js';

/** Turns whole frames of samples into tokens, keeping the state of one stream, or of several side by side. */
export interface FrameEncoder {
  /**
   * @param samples - `[B, T * frameSize]`: a whole number of frames of each of the streams, at least one.
   * @returns Tokens `[B, T, K]` with all levels of the codec.
   */
  encode(samples: Float32Array): Promise<Uint16Array>;
  /** Goes back to the state before the first frame. */
  reset(): void;
  /** Frees the state. */
  close(): void;
}

/** Turns tokens into samples, keeping the state of one stream. */
export interface FrameDecoder {
  /**
   * @param codes - Tokens `[T, numCodebooks]` of at least one frame.
   * @param numCodebooks - Levels in `codes`, a prefix of the codec's.
   * @returns `T * frameSize` samples, less the codec's overlap at the start of the stream.
   */
  decode(codes: Uint16Array, numCodebooks: number): Promise<Float32Array>;
  /** Goes back to the state before the first frame. */
  reset(): void;
  /** Frees the state. */
  close(): void;
}

/** The networks of one codec, without buffering or checks: what `StreamingCodec` makes a `Codec` of. */
export type FrameCodec = {
  /** What the codec promises. */
  readonly properties: CodecProperties;
  /**
   * Samples at the end of a frame that the next frames still change. Decoded audio trails its
   * frames by so much, and an encoder pads by it.
   */
  readonly overlap: number;
  /** Opens the state of so many streams, `B`, which share every run; 1 by default. */
  openEncoder(numStreams?: number): FrameEncoder;
  /** Opens the state of one stream. */
  openDecoder(): FrameDecoder;
  /** Frees the sessions. */
  close(): Promise<void>;
};
