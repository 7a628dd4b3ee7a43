import { crc32 } from '../../base/crc32.js';
import { SpeechError } from '../../base/errors.js';
import type { LntBlockItem, LntItem } from './block-scanner.js';
import { numPackedBytes, unpackCodes, type CodeLayout } from './code-packing.js';
import { LNT_CODECS, type LntCodecName, type LntHeader } from './lnt-header.js';

/** What a file of version 1 holds: one channel, levels of the same shape. */
export type LntVersion1 = {
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
  /** Length of the audio in samples; the last frames may reach beyond it. */
  numSamples: number;
  /** Frames, `T`. */
  numFrames: number;
  /** Tokens of shape `[T, K]`, frame-major. */
  codes: Uint16Array;
};

/** The first bytes of a file of version 1. */
export const VERSION_1_MAGIC = 'LNT1';

const HEADER_BYTES = 36;
const VERSION = 1;
const CRC_OFFSET = 32;
const MAX_BITS = 16;

/**
 * Reads how long a file of version 1 is.
 *
 * @param bytes - Its beginning.
 * @returns Its length as its header tells it, which need not be true; `undefined` if the header is not there yet.
 * @throws {SpeechError} `BITSTREAM_INVALID` if the header contradicts itself.
 */
export function readVersion1Length(bytes: Uint8Array): number | undefined {
  return bytes.length < HEADER_BYTES ? undefined : lengthOf(readHeader(bytes));
}

/**
 * Reads a file of version 1.
 *
 * @param bytes - The whole file, which begins with {@link VERSION_1_MAGIC}.
 * @returns Its tokens and header.
 * @throws {SpeechError} `BITSTREAM_INVALID` if its codec is unknown, its header contradicts itself, or its checksum
 * is wrong; `BITSTREAM_TRUNCATED` if it ends early.
 */
export function readVersion1(bytes: Uint8Array): LntVersion1 {
  if (bytes.length < HEADER_BYTES) {
    throw truncated(HEADER_BYTES, bytes.length);
  }
  const header = readHeader(bytes);
  const needed = lengthOf(header);
  if (bytes.length < needed) {
    throw truncated(needed, bytes.length);
  }
  const view = viewOf(bytes);
  const isWhole = bytes.length === needed && checksum(bytes) === view.getUint32(CRC_OFFSET, true);
  const codes = isWhole ? unpackCodes(bytes.subarray(HEADER_BYTES), layoutOf(header)) : undefined;
  if (codes === undefined) {
    throw new SpeechError(
      'BITSTREAM_INVALID',
      'The file is damaged: its checksum or length is wrong.',
    );
  }
  return { ...header, codes };
}

/**
 * Cuts a file of version 1 into blocks of about a second, as if it were of version 2.
 *
 * @param file - What it holds.
 * @returns The header, and the blocks and the end; they lie nowhere in the file.
 * @throws {SpeechError} `BITSTREAM_INVALID` if a frame is no whole number of samples, or there are fewer frames
 * than samples need.
 */
export function cutVersion1(file: LntVersion1): { header: LntHeader; items: LntItem[] } {
  const { codec, sampleRate, numCodebooks, numSamples, numFrames } = file;
  const { numerator, denominator } = file.frameRate;
  const frameSize = (sampleRate * denominator) / numerator;
  if (!Number.isSafeInteger(frameSize) || numSamples > numFrames * frameSize) {
    throw new SpeechError(
      'BITSTREAM_INVALID',
      `The file has ${numFrames} frames of ${frameSize} samples for ${numSamples} samples; they must be whole and enough.`,
      { numFrames, frameSize, numSamples },
    );
  }
  const framesPerBlock = Math.max(1, Math.floor(sampleRate / frameSize));
  const blockLength = framesPerBlock * frameSize;
  const level = { frameSize, codebookSize: 2 ** file.bitsPerCode };
  const header: LntHeader = {
    codec,
    name: '',
    weightsHash: undefined,
    sampleRate,
    channels: 1,
    encoderDelay: 0,
    blockLength,
    levels: new Array<typeof level>(numCodebooks).fill(level),
    tags: {},
  };
  const numBlocks = Math.ceil(numSamples / blockLength);
  const items: LntItem[] = [];
  for (let number = 0; number < numBlocks; number++) {
    const isLast = number === numBlocks - 1;
    const first = number * framesPerBlock;
    const end = isLast ? numFrames : first + framesPerBlock;
    const block: LntBlockItem = {
      type: 'block',
      number,
      startSample: number * blockLength,
      numSamples: Math.min(blockLength, numSamples - number * blockLength),
      numFrames: end - first,
      isLast,
      codes: byLevel(file.codes.subarray(first * numCodebooks, end * numCodebooks), numCodebooks),
      offset: 0,
      numBytes: 0,
    };
    items.push(block);
  }
  items.push({ type: 'end', isComplete: true, numSamples, numBlocks });
  return { header, items };
}

/** Tokens `[T, K]` to `[K, T]`. */
function byLevel(codes: Uint16Array, numCodebooks: number): Uint16Array {
  const numFrames = codes.length / numCodebooks;
  const turned = new Uint16Array(codes.length);
  for (let frame = 0; frame < numFrames; frame++) {
    for (let level = 0; level < numCodebooks; level++) {
      turned[level * numFrames + frame] = codes[frame * numCodebooks + level]!;
    }
  }
  return turned;
}

function readHeader(bytes: Uint8Array): Omit<LntVersion1, 'codes'> {
  const view = viewOf(bytes);
  const version = view.getUint8(4);
  if (version !== VERSION) {
    throw new SpeechError(
      'BITSTREAM_INVALID',
      `The file begins with LNT1 and has version ${version}; it must be ${VERSION}.`,
      { version },
    );
  }
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
      { codecNumber },
    );
  }
  return { codec, ...header };
}

/** The codes of all levels lie frame by frame, and have the same width: one level, as it were. */
function layoutOf(header: Omit<LntVersion1, 'codes'>): CodeLayout {
  const { numFrames, numCodebooks, bitsPerCode } = header;
  return { channels: 1, counts: [numFrames * numCodebooks], codebookSizes: [2 ** bitsPerCode] };
}

function lengthOf(header: Omit<LntVersion1, 'codes'>): number {
  return HEADER_BYTES + numPackedBytes(layoutOf(header));
}

/** The CRC of header and codes, without the field that holds it. */
function checksum(bytes: Uint8Array): number {
  const header = crc32(bytes.subarray(0, CRC_OFFSET));
  return crc32(bytes.subarray(HEADER_BYTES), header);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function truncated(needed: number, available: number): SpeechError {
  return new SpeechError(
    'BITSTREAM_TRUNCATED',
    `The file ends after ${available} bytes; its header asks for ${needed}.`,
    { needed, available },
  );
}
