/** Which tokens a codec speaks: eight residual levels, or one phonetic stream for language models. */
export type CodecKind = 'rvq' | 'single';

/** The tokens of a piece of audio. */
export type Codes = {
  /** Tokens of shape `[T, K]`, frame-major: all `K` codes of frame 0, then frame 1. */
  data: Uint16Array;
  /** Codec frames, `T`. */
  numFrames: number;
  /** Codebooks per frame, `K`: any number from 1 to the codec's own. */
  numCodebooks: number;
  /** Samples that the frames stand for; `decode` yields exactly as many. At most `T * frameSize`. */
  numSamples: number;
};

/** What every codec promises, whatever its networks look like. */
export type CodecProperties = {
  /** Which tokens. */
  readonly kind: CodecKind;
  /** Name of the model and its tokens, for example `linnet-24k-rvq`; stored in token files. */
  readonly name: string;
  /** Hz. */
  readonly sampleRate: number;
  /** Channels; 1. */
  readonly channels: number;
  /** Samples that one frame of tokens stands for. */
  readonly frameSize: number;
  /** Frames a second, Hz: `sampleRate / frameSize`. */
  readonly frameRate: number;
  /** Codebooks, `K`; an encoder may be asked for fewer. */
  readonly numCodebooks: number;
  /** Entries in each codebook; codes are in `[0, cardinality)`. */
  readonly cardinality: number;
  /**
   * SHA-256 of the weights, 64 hexadecimal digits in lower case; stored in token files, since tokens of other weights
   * mean other sounds.
   */
  readonly weightsHash: string;
};

/** Options of {@link Codec.encode} and {@link Codec.encoder}. */
export type EncodeOptions = {
  /** How many levels to keep, from 1 to the codec's `numCodebooks`, which is also the default. */
  numCodebooks?: number;
};

/**
 * A neural audio codec. Everything in it is causal, so that a stream gives the same tokens, and the
 * same samples to 1e-4, as the whole, however it is cut.
 */
export interface Codec extends CodecProperties {
  /**
   * Turns audio into tokens.
   *
   * @param pcm - Samples at the codec's rate, mono, nominally in `[-1, 1]`; any length of at least 1.
   * @param options - How many levels to keep.
   * @returns Enough frames to give back every sample.
   * @throws {SpeechError} `AUDIO_EMPTY` without samples; `AUDIO_INVALID` if one is not finite;
   * `OPTION_INVALID` for a number of levels that the codec does not have.
   */
  encode(pcm: Float32Array, options?: EncodeOptions): Promise<Codes>;
  /**
   * Turns several recordings into tokens, those of about the same length together: for many short ones, which by
   * themselves leave a GPU idle.
   *
   * @param pcms - Samples of each, as for {@link Codec.encode}; any number of recordings.
   * @param options - How many levels to keep.
   * @returns Tokens of each, those that `encode` gives.
   * @throws {SpeechError} As {@link Codec.encode}, if any of them is wrong.
   */
  encodeBatch(pcms: readonly Float32Array[], options?: EncodeOptions): Promise<Codes[]>;
  /**
   * Turns tokens into audio.
   *
   * @param codes - Tokens of this codec; a prefix of the levels decodes at a lower quality.
   * @returns `codes.numSamples` samples, mono, nominally in `[-1, 1]` and not clipped.
   * @throws {SpeechError} `CODE_OUT_OF_RANGE` for a code outside its codebook;
   * `INPUT_SHAPE_MISMATCH` if the sizes contradict each other or the codec.
   */
  decode(codes: Codes): Promise<Float32Array>;
  /** Opens a stream with its own state. @throws {SpeechError} `OPTION_INVALID` as `encode` does. */
  encoder(options?: EncodeOptions): EncoderStream;
  /** Opens a stream with its own state. */
  decoder(): DecoderStream;
  /** Frees the networks. Streams still open fail with `ENGINE_CLOSED` when they are next used. */
  close(): Promise<void>;
}

/** Audio in, tokens out, as they become known. Calls are served in the order in which they come. */
export interface EncoderStream {
  /**
   * Takes the next samples.
   *
   * @param pcm - Any number of samples, even none; what does not fill two frames is kept.
   * @returns The frames completed by them, an even number. Over a whole stream the chunks' `numSamples` add up to
   * the samples pushed: {@link concatCodes} joins them.
   * @throws {SpeechError} `AUDIO_INVALID` if a sample is not finite; `STATE_INVALID` after `close`.
   */
  push(pcm: Float32Array): Promise<Codes>;
  /**
   * Ends the audio: pads it with silence, as `encode` does, and gives the last frames. The stream is
   * then as new.
   *
   * @throws {SpeechError} `AUDIO_EMPTY` if nothing was pushed; `STATE_INVALID` after `close`.
   */
  flush(): Promise<Codes>;
  /** Forgets what was pushed; the stream is as new. */
  reset(): Promise<void>;
  /** Frees the state; the stream must not be used again. */
  close(): Promise<void>;
}

/** Tokens in, audio out, as it becomes known. Calls are served in the order in which they come. */
export interface DecoderStream {
  /**
   * Takes the next frames.
   *
   * @param codes - Any number of frames, even none; `numCodebooks` may change from push to push.
   * @returns The samples that nothing later can change, which trail the frames by the codec's
   * overlap (1680 samples at 24 kHz, 70 ms). Never more in all than the `numSamples` pushed in all.
   * @throws {SpeechError} As `decode`; `STATE_INVALID` after `close`.
   */
  push(codes: Codes): Promise<Float32Array>;
  /**
   * Ends the tokens. The stream is then as new.
   *
   * @returns The samples still owed to the `numSamples` pushed, for which the last frame is repeated
   * as often as the overlap needs. None for the tokens of an encoder stream that was flushed.
   * @throws {SpeechError} `STATE_INVALID` after `close`.
   */
  flush(): Promise<Float32Array>;
  /** Forgets what was pushed; the stream is as new. */
  reset(): Promise<void>;
  /** Frees the state; the stream must not be used again. */
  close(): Promise<void>;
}
