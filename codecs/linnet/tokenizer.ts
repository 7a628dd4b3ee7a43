/** The tokens of one stream of latents. Calls must not overlap. */
export interface TokenEncoder {
  /** @param z - Latents `[T * framesPerToken, latentDim]`. @returns Tokens `[T, K]`, all levels. */
  encode(z: Float32Array): Promise<Uint16Array>;
  /** Goes back to the state before the first latents. */
  reset(): void;
  /** Frees the state. */
  close(): void;
}

/** The latents of one stream of tokens. Calls must not overlap. */
export interface TokenDecoder {
  /**
   * @param codes - Tokens `[T, numCodebooks]` in range, at least one frame.
   * @param numCodebooks - Levels in `codes`, a prefix of the tokenizer's.
   * @returns Latents `[T * framesPerToken, latentDim]`.
   */
  decode(codes: Uint16Array, numCodebooks: number): Promise<Float32Array>;
  /** Goes back to the state before the first token. */
  reset(): void;
  /** Frees the state. */
  close(): void;
}

/** What the tokens of a {@link Tokenizer} are like. */
export type TokenSizes = {
  /** Latent frames that one frame of tokens stands for. */
  readonly framesPerToken: number;
  /** Levels, `K`. */
  readonly numCodebooks: number;
  /** Entries of each level. */
  readonly cardinality: number;
};

/** Latents to tokens and back: the discrete half of a codec. */
export interface Tokenizer extends TokenSizes {
  /** Opens a stream with its own state. */
  encoder(): TokenEncoder;
  /** Opens a stream with its own state. */
  decoder(): TokenDecoder;
  /** Frees the networks. */
  close(): Promise<void>;
}
