import type { CodecKind, CodecProperties, Codes } from '../../codecs/contract.js';
import { readLnt as unpackLnt, type LntFile } from '../../codecs/lnt/lnt-file.js';
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
};

/**
 * Reads the bytes of a `.lnt` file.
 *
 * @param bytes - All of them.
 * @returns The tokens.
 * @throws {SpeechError} `BITSTREAM_INVALID`, `BITSTREAM_TRUNCATED`.
 */
export function readLnt(bytes: Uint8Array): LntTokens {
  return toTokens(unpackLnt(bytes));
}

/**
 * Writes tokens as a `.lnt` file, which appears under its name only when it is complete.
 *
 * @param path - Where the file shall be.
 * @param codes - Tokens of `codec`.
 * @param codec - What made the tokens; the file names its kind.
 * @returns Its size in bytes.
 * @throws {SpeechError} `INPUT_SHAPE_MISMATCH`, `CODE_OUT_OF_RANGE`, `FILE_WRITE_FAILED`.
 */
export async function writeLntFile(
  path: string,
  codes: Codes,
  codec: CodecProperties,
): Promise<{ numBytes: number }> {
  const bytes = packLnt(codes, codec);
  await writeWholeFile(path, bytes);
  return { numBytes: bytes.length };
}

/**
 * Reads a `.lnt` file.
 *
 * @param path - The file.
 * @returns The tokens.
 * @throws {SpeechError} `FILE_NOT_FOUND`, `FILE_READ_FAILED`, `BITSTREAM_INVALID`,
 * `BITSTREAM_TRUNCATED`.
 */
export async function readLntFile(path: string): Promise<LntTokens> {
  return toTokens(await readFile(path));
}

function toTokens({ codec, codes, frameRate, ...file }: LntFile): LntTokens {
  const { sampleRate, numCodebooks, numFrames, numSamples } = file;
  return {
    kind: codec,
    data: codes,
    numFrames,
    numCodebooks,
    numSamples,
    sampleRate,
    frameRate: frameRate.numerator / frameRate.denominator,
  };
}
