import type { CodecKind } from './contract.js';

/** How the weights of an exported decoder may be stored. */
export const EXPORTED_WEIGHTS = ['float32', 'int8'] as const;

/** One of {@link EXPORTED_WEIGHTS}. */
export type ExportedWeights = (typeof EXPORTED_WEIGHTS)[number];

/** What a stream carries from run to run of an exported decoder: zeros at first. */
export type ExportedState = {
  /** Name of the input. */
  readonly input: string;
  /** Name of the output that continues it. */
  readonly output: string;
  /** Sizes; float32. */
  readonly shape: readonly number[];
};

/**
 * What `decoder.json` says of the graph in `decoder.onnx`, which turns `codes [1, T, K]` (int32, any number of
 * frames and a prefix of the levels) into `samples [1, T * frameSize]` (float32).
 */
export type ExportedDecoder = {
  /** Version of this description: 1. */
  readonly version: 1;
  /** Name of the codec, such as `linnet-24k-rvq`. */
  readonly name: string;
  /** Which tokens. */
  readonly kind: CodecKind;
  /** SHA-256 of the weights that it was made of, 64 hexadecimal digits in lower case, as in token files. */
  readonly weightsHash: string;
  /** How they are stored in the graph. */
  readonly weights: ExportedWeights;
  /** Hz. */
  readonly sampleRate: number;
  /** Samples of a frame of tokens. */
  readonly frameSize: number;
  /** Codebooks, `K`. */
  readonly numCodebooks: number;
  /** Entries in each codebook. */
  readonly cardinality: number;
  /** Samples at the beginning of a stream that lie before its audio. */
  readonly overlap: number;
  /** The states of a stream. */
  readonly states: readonly ExportedState[];
};
