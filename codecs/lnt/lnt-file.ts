import { crc32 } from 'node:zlib';
import { SpeechError } from '../../base/errors.js';
import { numPackedBytes, packCodes, unpackCodes } from './code-packing.js';

/** The tokenisers whose tokens a `.lnt` file can hold, with their numbers in the file. */
export const LNT_CODECS = { rvq: 1, single: 2 } as const;

/** The name of a tokeniser in {@link LNT_CODECS}. */
export type LntCodecName = keyof typeof LNT_CODECS;

/** What a `.lnt` file holds. */
export type LntFile = {
  /** Which tokeniser made the tokens. */
  codec: LntCodecName;
  /** Hz of the audio. */
  sampleRate: number;
  /** Frames per second as a fraction in whole numbers, such as 50 / 1. */
  frameRate: { numerator: number; denominator: number };
  /** Codebooks per frame, `K`, 1 to 255. */
  numCodebooks: number;
  /** Width of one code in bits, 1 to 16. */
  bitsPerCode: number;
  /** Length of the audio in samples; the last frame may reach beyond it. */
  numSamples: number;
  /** Frames, `T`. */
  numFrames: number;
  /** Tokens of shape `[T, K]`, frame-major. */
  codes: Uint16Array;
};

/** Length in bytes of the header; docs/lnt-format.md draws it. */
export const LNT_HEADER_BYTES = 36;

const MAGIC = 'LNT1';
const VERSION = 1;
const CRC_OFFSET = 32;
const MAX_BITS = 16;

/**
 * Writes tokens as a `.lnt` file.
 *
 * @param file - The tokens and what is needed to decode them.
 * @returns The bytes of the file.
 * @throws {SpeechError} `INPUT_SHAPE_MISMATCH` if `codes` is not `[numFrames, numCodebooks]`;
 * `CODE_OUT_OF_RANGE` if a code does not fit in `bitsPerCode`.
 */
export function writeLnt(file: LntFile): Uint8Array {
  const { numCodebooks, bitsPerCode, numFrames, codes } = file;
  if (codes.length !== numFrames * numCodebooks) {
    throw new SpeechError(
      'INPUT_SHAPE_MISMATCH',
      `codes has ${codes.length} entries; ${numFrames} frames of ${numCodebooks} codes were announced.`,
      { length: codes.length, numFrames, numCodebooks },
    );
  }
  const packed = packCodes(codes, { numCodebooks, bitsPerCode });
  const bytes = new Uint8Array(LNT_HEADER_BYTES + packed.length);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(MAGIC));
  view.setUint8(4, VERSION);
  view.setUint8(5, LNT_CODECS[file.codec]);
  view.setUint8(6, numCodebooks);
  view.setUint8(7, bitsPerCode);
  view.setUint32(8, file.sampleRate, true);
  view.setUint32(12, file.frameRate.numerator, true);
  view.setUint32(16, file.frameRate.denominator, true);
  view.setBigUint64(20, BigInt(file.numSamples), true);
  view.setUint32(28, numFrames, true);
  bytes.set(packed, LNT_HEADER_BYTES);
  view.setUint32(CRC_OFFSET, checksum(bytes), true);
  return bytes;
}

/**
 * Reads a `.lnt` file.
 *
 * @param bytes - The whole file.
 * @returns Its tokens and header.
 * @throws {SpeechError} `BITSTREAM_INVALID` if it is no `.lnt` file, its version or codec is
 * unknown, its header contradicts itself, or its checksum is wrong; `BITSTREAM_TRUNCATED` if it ends
 * early.
 */
export function readLnt(bytes: Uint8Array): LntFile {
  const magic = new TextDecoder('latin1').decode(bytes.subarray(0, MAGIC.length));
  if (magic !== MAGIC) {
    throw new SpeechError(
      'BITSTREAM_INVALID',
      'The file is not a .lnt file: it does not begin with LNT1.',
    );
  }
  if (bytes.length < LNT_HEADER_BYTES) {
    throw truncated(LNT_HEADER_BYTES, bytes.length);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(4);
  if (version !== VERSION) {
    throw new SpeechError(
      'BITSTREAM_INVALID',
      `The file has version ${version}; this Linnet reads version ${VERSION}.`,
      { version },
    );
  }
  const header = readHeader(view);
  const { numFrames, numCodebooks, bitsPerCode } = header;
  const needed = LNT_HEADER_BYTES + numPackedBytes(numFrames * numCodebooks, bitsPerCode);
  if (bytes.length < needed) {
    throw truncated(needed, bytes.length);
  }
  if (bytes.length > needed || checksum(bytes) !== view.getUint32(CRC_OFFSET, true)) {
    throw new SpeechError(
      'BITSTREAM_INVALID',
      'The file is damaged: its checksum or length is wrong.',
    );
  }
  const codes = unpackCodes(bytes.subarray(LNT_HEADER_BYTES), numFrames, header);
  return { ...header, codes };
}

function readHeader(view: DataView): Omit<LntFile, 'codes'> {
  const codecNumber = view.getUint8(5);
  const codec = (Object.keys(LNT_CODECS) as LntCodecName[]).find(
    (name) => LNT_CODECS[name] === codecNumber,
  );
  const numSamples = Number(view.getBigUint64(20, true));
  const header = {
    numCodebooks: view.getUint8(6),
    bitsPerCode: view.getUint8(7),
    sampleRate: view.getUint32(8, true),
    frameRate: { numerator: view.getUint32(12, true), denominator: view.getUint32(16, true) },
    numSamples,
    numFrames: view.getUint32(28, true),
  };
  const { numerator, denominator } = header.frameRate;
  const isSound =
    header.numCodebooks >= 1 &&
    header.bitsPerCode >= 1 &&
    header.bitsPerCode <= MAX_BITS &&
    header.sampleRate > 0 &&
    numerator > 0 &&
    denominator > 0 &&
    Number.isSafeInteger(numSamples);
  if (codec === undefined || !isSound) {
    throw new SpeechError(
      'BITSTREAM_INVALID',
      `The file's header makes no sense (codec ${codecNumber}).`,
      {
        codecNumber,
      },
    );
  }
  return { codec, ...header };
}

/** The CRC of header and codes, without the field that holds it. */
function checksum(bytes: Uint8Array): number {
  const header = crc32(bytes.subarray(0, CRC_OFFSET));
  return crc32(bytes.subarray(LNT_HEADER_BYTES), header);
}

function truncated(needed: number, available: number): SpeechError {
  return new SpeechError(
    'BITSTREAM_TRUNCATED',
    `The file ends after ${available} bytes; its header asks for ${needed}.`,
    { needed, available },
  );
}
