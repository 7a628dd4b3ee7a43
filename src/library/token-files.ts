import type { CodecKind, CodecProperties, Codes } from '../../codecs/contract.js';
import { checkWeights, readLnt as unpackLnt, type LntFile } from '../../codecs/lnt/lnt-file.js';
import type { LntTags } from '../../codecs/lnt/lnt-header.js';
import { codeTablesOf, findCodeTables } from '../files/code-tables.js';
import { packLnt, readLntFile as readFile } from '../files/codec-files.js';
import { writeWholeFile } from '../files/output-file.js';

/** The tokens of a `.lnt` file; `decode` of the codec of their kind takes them as they are. */
export type LntTokens = Codes & {
  /** What `Engine.loadCodec` takes. */
  kind: CodecKind;
  /** Hz of the audio. */
  sampleRate: number;
  /** Frames a second, Hz. */
  frameRate: number;
  /** Name of the codec that made them, such as `linnet-24k-rvq`; files of version 1 do not know it. */
  name?: string;
  /** `weightsHash` of the codec that made them; files of version 1 do not know it. */
  weightsHash?: string;
  /** What is said about the recording; files of version 1 have none. */
  tags?: LntTags;
};

/** What else goes into a token file, and how. */
export type LntFileOptions = {
  /** What is said about the recording: a JSON object of at most 65,536 bytes. */
  tags?: LntTags;
  /** Entropy-code the tokens: some 12 % smaller; false by default. */
  entropy?: boolean;
};

/** Options of {@link readLnt} and {@link readLntFile}. */
export type LntReadOptions = {
  /** The codec that shall decode the tokens: its weights must be those that made them. */
  codec?: CodecProperties;
  /** Take tokens of other weights too; they may decode to noise. */
  force?: boolean;
};

/**
 * Reads the bytes of a `.lnt` file.
 *
 * @param bytes - All of them.
 * @param options - What shall decode the tokens.
 * @returns The tokens.
 * @throws {SpeechError} `BITSTREAM_INVALID`, `BITSTREAM_TRUNCATED`; `WEIGHTS_DIFFER` for another codec's.
 */
export function readLnt(bytes: Uint8Array, options?: LntReadOptions): LntTokens {
  return toTokens(unpackLnt(bytes, findCodeTables), options);
}

/**
 * Writes tokens as the bytes of a `.lnt` file.
 *
 * @param codes - Tokens of `codec`.
 * @param codec - What made the tokens; the file names its kind and its weights.
 * @param options - What else goes into the file.
 * @returns The bytes.
 * @throws {SpeechError} `INPUT_SHAPE_MISMATCH` if the sizes of `codes` contradict each other, or its frames reach
 * beyond its samples by more than a second; `CODE_OUT_OF_RANGE`; `OPTION_INVALID` for tags that are too long.
 */
export function writeLnt(
  codes: Codes,
  codec: CodecProperties,
  { entropy = false, ...options }: LntFileOptions = {},
): Uint8Array {
  return packLnt(
    codes,
    codec,
    entropy ? { ...options, tables: codeTablesOf(codec.kind) } : options,
  );
}

/**
 * Writes tokens as a `.lnt` file, which appears under its name only when it is complete.
 *
 * @param path - Where the file shall be.
 * @param codes - Tokens of `codec`.
 * @param codec - What made the tokens; the file names its kind and its weights.
 * @param options - What else goes into the file.
 * @returns Its size in bytes.
 * @throws {SpeechError} `INPUT_SHAPE_MISMATCH`, `CODE_OUT_OF_RANGE`, `OPTION_INVALID` for tags that are too long,
 * `FILE_WRITE_FAILED`.
 */
export async function writeLntFile(
  path: string,
  codes: Codes,
  codec: CodecProperties,
  options?: LntFileOptions,
): Promise<{ numBytes: number }> {
  const bytes = writeLnt(codes, codec, options);
  await writeWholeFile(path, bytes);
  return { numBytes: bytes.length };
}

/**
 * Reads a `.lnt` file.
 *
 * @param path - The file.
 * @param options - What shall decode the tokens.
 * @returns The tokens.
 * @throws {SpeechError} `FILE_NOT_FOUND`, `FILE_READ_FAILED`, `BITSTREAM_INVALID`,
 * `BITSTREAM_TRUNCATED`; `WEIGHTS_DIFFER` for another codec's.
 */
export async function readLntFile(path: string, options?: LntReadOptions): Promise<LntTokens> {
  return toTokens(await readFile(path), options);
}

function toTokens(file: LntFile, options: LntReadOptions = {}): LntTokens {
  if (options.codec !== undefined && options.force !== true) {
    checkWeights(file, options.codec);
  }
  const { sampleRate, numCodebooks, numFrames, numSamples, name, weightsHash, tags } = file;
  const isKnown = name !== undefined && weightsHash !== undefined && tags !== undefined;
  return {
    kind: file.codec,
    data: file.codes,
    numFrames,
    numCodebooks,
    numSamples,
    sampleRate,
    frameRate: file.frameRate.numerator / file.frameRate.denominator,
    ...(isKnown ? { name, weightsHash, tags } : {}),
  };
}
