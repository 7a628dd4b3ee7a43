import { crc32 } from '../../base/crc32.js';
import { SpeechError } from '../../base/errors.js';
import { fromHex, toHex } from '../../base/hex.js';
import { bitsFor } from './code-packing.js';

/** The tokenisers whose tokens a `.lnt` file can hold, with their numbers in the file. */
export const LNT_CODECS = { rvq: 1, single: 2 } as const;

/** The name of a tokeniser in {@link LNT_CODECS}. */
export type LntCodecName = keyof typeof LNT_CODECS;

/** One level of codes. */
export type LntLevel = {
  /** Samples that one code stands for; divides the length of a block. */
  readonly frameSize: number;
  /** Entries in the codebook, 2 to 65,536. */
  readonly codebookSize: number;
};

/** What somebody said about a recording: a JSON object of at most 65,536 bytes. */
export type LntTags = Readonly<Record<string, unknown>>;

/** What the beginning of a `.lnt` file says of the rest. */
export type LntHeader = {
  /** Which tokeniser made the tokens. */
  readonly codec: LntCodecName;
  /** Name of the codec, such as `linnet-24k-rvq`; 1 to 255 bytes, empty for version 1. */
  readonly name: string;
  /** SHA-256 of the codec's weights, 64 hexadecimal digits in lower case; version 1 does not know it. */
  readonly weightsHash: string | undefined;
  /** Hz, 1 to {@link LNT_LIMITS}.sampleRate. */
  readonly sampleRate: number;
  /** Channels, 1 to 8, coded one by one. */
  readonly channels: number;
  /** Decoded samples to drop at the beginning; they count as samples in blocks. */
  readonly encoderDelay: number;
  /** Samples that each block but the last stands for. */
  readonly blockLength: number;
  /** Levels of codes, coarse to fine, 1 to 255. */
  readonly levels: readonly LntLevel[];
  /** What somebody said about the recording. */
  readonly tags: LntTags;
  /** CRC-32 of the tables by which the codes are entropy-coded; they are packed without it. */
  readonly tablesCrc?: number;
};

/** The largest values of the fields of a `.lnt` file; docs/lnt-format.md states them. */
export const LNT_LIMITS = {
  channels: 8,
  levels: 255,
  sampleRate: 2 ** 24,
  encoderDelay: 2 ** 24,
  blockLength: 2 ** 24,
  codebookSize: 2 ** 16,
  nameBytes: 255,
  tagsBytes: 2 ** 16,
  payloadBytes: 2 ** 16 - 1,
} as const;

/** The first bytes of a header, which tell its length. */
export const LNT_PREFIX_BYTES = 8;

const MAGIC = 'LNT2';
const HASH_OFFSET = 24;
const HASH_BYTES = 32;
const LEVELS_OFFSET = HASH_OFFSET + HASH_BYTES;
const LEVEL_BYTES = 8;
const CRC_BYTES = 4;
const ENTROPY_CODED = 1;
const TABLES_BYTES = 4;
const MIN_BYTES = LEVELS_OFFSET + LEVEL_BYTES + 1 + 1 + 4 + 2 + CRC_BYTES;
const MAX_BYTES =
  LEVELS_OFFSET +
  LNT_LIMITS.levels * LEVEL_BYTES +
  1 +
  LNT_LIMITS.nameBytes +
  4 +
  LNT_LIMITS.tagsBytes +
  TABLES_BYTES +
  CRC_BYTES;

/**
 * Writes the header of a `.lnt` file of version 2.
 *
 * @param header - What the file holds.
 * @returns Its bytes.
 * @throws {SpeechError} `OPTION_INVALID` for a field outside its limits, or tags that are longer than 65,536 bytes.
 */
export function writeHeader(header: LntHeader): Uint8Array {
  const name = new TextEncoder().encode(header.name);
  const tags = new TextEncoder().encode(JSON.stringify(header.tags));
  const problem =
    findProblem(header) ??
    checkRange('the length of name', name.length, 1, LNT_LIMITS.nameBytes) ??
    checkRange('the length of tags', tags.length, 2, LNT_LIMITS.tagsBytes);
  if (problem !== undefined) {
    throw new SpeechError('OPTION_INVALID', `A .lnt file cannot hold this: ${problem}.`);
  }
  if (header.weightsHash === undefined || !/^[0-9a-f]{64}$/.test(header.weightsHash)) {
    throw new SpeechError(
      'OPTION_INVALID',
      'weightsHash must be a SHA-256 of 64 hexadecimal digits in lower case.',
    );
  }
  const nameOffset = LEVELS_OFFSET + header.levels.length * LEVEL_BYTES;
  const tagsOffset = nameOffset + 1 + name.length;
  const tablesOffset = tagsOffset + 4 + tags.length;
  const { tablesCrc } = header;
  const bytes = new Uint8Array(
    tablesOffset + (tablesCrc === undefined ? 0 : TABLES_BYTES) + CRC_BYTES,
  );
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(MAGIC));
  view.setUint32(4, bytes.length, true);
  view.setUint8(8, LNT_CODECS[header.codec]);
  view.setUint8(9, header.channels);
  view.setUint8(10, header.levels.length);
  view.setUint8(11, tablesCrc === undefined ? 0 : ENTROPY_CODED);
  view.setUint32(12, header.sampleRate, true);
  view.setUint32(16, header.encoderDelay, true);
  view.setUint32(20, header.blockLength, true);
  bytes.set(fromHex(header.weightsHash), HASH_OFFSET);
  header.levels.forEach(({ frameSize, codebookSize }, level) => {
    view.setUint32(LEVELS_OFFSET + level * LEVEL_BYTES, frameSize, true);
    view.setUint32(LEVELS_OFFSET + level * LEVEL_BYTES + 4, codebookSize, true);
  });
  view.setUint8(nameOffset, name.length);
  bytes.set(name, nameOffset + 1);
  view.setUint32(tagsOffset, tags.length, true);
  bytes.set(tags, tagsOffset + 4);
  if (tablesCrc !== undefined) {
    view.setUint32(tablesOffset, tablesCrc, true);
  }
  const end = bytes.length - CRC_BYTES;
  view.setUint32(end, crc32(bytes.subarray(0, end)), true);
  return bytes;
}

/**
 * Reads how long a header is.
 *
 * @param prefix - Its first {@link LNT_PREFIX_BYTES} bytes.
 * @returns Bytes, at most 68,000; `undefined` if it is not of version 2.
 * @throws {SpeechError} `BITSTREAM_INVALID` for a length that no header has.
 */
export function readHeaderLength(prefix: Uint8Array): number | undefined {
  const view = viewOf(prefix);
  if (new TextDecoder('latin1').decode(prefix.subarray(0, MAGIC.length)) !== MAGIC) {
    return undefined;
  }
  const length = view.getUint32(4, true);
  if (length < MIN_BYTES || length > MAX_BYTES) {
    throw invalid(`its header has ${length} bytes; ${MIN_BYTES} to ${MAX_BYTES} are possible`);
  }
  return length;
}

/**
 * Reads the header of a `.lnt` file of version 2.
 *
 * @param bytes - As many as {@link readHeaderLength} said.
 * @returns What it says.
 * @throws {SpeechError} `BITSTREAM_INVALID` if its checksum is wrong, a field is outside its limits, the fields
 * contradict each other, or a flag is set that this version does not know.
 */
export function readHeader(bytes: Uint8Array): LntHeader {
  const view = viewOf(bytes);
  const end = bytes.length - CRC_BYTES;
  if (crc32(bytes.subarray(0, end)) !== view.getUint32(end, true)) {
    throw invalid('the checksum of its header is wrong');
  }
  const flags = view.getUint8(11);
  if ((flags & ~ENTROPY_CODED) !== 0) {
    throw invalid(`its flags are ${flags}; this version of Linnet does not know them`, { flags });
  }
  const isCoded = flags === ENTROPY_CODED;
  const codecNumber = view.getUint8(8);
  const codec = (Object.keys(LNT_CODECS) as LntCodecName[]).find(
    (name) => LNT_CODECS[name] === codecNumber,
  );
  if (codec === undefined) {
    throw invalid(`it names codec ${codecNumber}; 1 (rvq) and 2 (single) are known`, {
      codecNumber,
    });
  }
  const numLevels = view.getUint8(10);
  const nameOffset = LEVELS_OFFSET + numLevels * LEVEL_BYTES;
  const nameBytes = nameOffset < end ? view.getUint8(nameOffset) : 0;
  const tagsOffset = nameOffset + 1 + nameBytes;
  const tagsBytes = tagsOffset + 4 <= end ? view.getUint32(tagsOffset, true) : -1;
  const tablesOffset = tagsOffset + 4 + tagsBytes;
  if (nameBytes === 0 || tablesOffset + (isCoded ? TABLES_BYTES : 0) !== end) {
    throw invalid('the parts of its header do not add up to its length');
  }
  const header: LntHeader = {
    codec,
    name: decodeText(bytes.subarray(nameOffset + 1, tagsOffset)),
    weightsHash: toHex(bytes.subarray(HASH_OFFSET, LEVELS_OFFSET)),
    sampleRate: view.getUint32(12, true),
    channels: view.getUint8(9),
    encoderDelay: view.getUint32(16, true),
    blockLength: view.getUint32(20, true),
    levels: Array.from({ length: numLevels }, (_, level) => ({
      frameSize: view.getUint32(LEVELS_OFFSET + level * LEVEL_BYTES, true),
      codebookSize: view.getUint32(LEVELS_OFFSET + level * LEVEL_BYTES + 4, true),
    })),
    tags: parseTags(bytes.subarray(tagsOffset + 4, tablesOffset)),
    ...(isCoded ? { tablesCrc: view.getUint32(tablesOffset, true) } : {}),
  };
  const problem = findProblem(header);
  if (problem !== undefined) {
    throw invalid(problem);
  }
  return header;
}

/**
 * An error about a file that is not a sound `.lnt` file.
 *
 * @param problem - What is wrong with it, to follow "The file is not a sound .lnt file: ".
 * @param details - The same as data.
 */
export function invalid(problem: string, details: Record<string, number> = {}): SpeechError {
  return new SpeechError(
    'BITSTREAM_INVALID',
    `The file is not a sound .lnt file: ${problem}.`,
    details,
  );
}

/** What is outside its limits, as the end of a sentence. */
function findProblem(header: LntHeader): string | undefined {
  const { channels, sampleRate, encoderDelay, blockLength, levels } = header;
  return (
    checkRange('channels', channels, 1, LNT_LIMITS.channels) ??
    checkRange('the number of levels', levels.length, 1, LNT_LIMITS.levels) ??
    checkRange('sampleRate', sampleRate, 1, LNT_LIMITS.sampleRate) ??
    checkRange('encoderDelay', encoderDelay, 0, LNT_LIMITS.encoderDelay) ??
    checkRange('blockLength', blockLength, 1, LNT_LIMITS.blockLength) ??
    findLevelProblem(header)
  );
}

function findLevelProblem({
  channels,
  blockLength,
  levels,
  tablesCrc,
}: LntHeader): string | undefined {
  let numBits = 0;
  for (const { frameSize, codebookSize } of levels) {
    const problem =
      checkRange('frameSize', frameSize, 1, blockLength) ??
      checkRange('codebookSize', codebookSize, 2, LNT_LIMITS.codebookSize);
    if (problem !== undefined) {
      return problem;
    }
    if (blockLength % frameSize !== 0) {
      return `blockLength is ${blockLength}; it must be a multiple of the frame size ${frameSize}`;
    }
    // the last block may be twice as long
    numBits += ((2 * blockLength) / frameSize) * bitsFor(codebookSize);
  }
  const numBytes = Math.ceil((channels * numBits) / 8);
  if (
    tablesCrc !== undefined &&
    levels.some(({ frameSize }) => frameSize !== levels[0]!.frameSize)
  ) {
    return 'its codes are entropy-coded, and its levels have frames of different lengths';
  }
  return checkRange('the largest payload in bytes', numBytes, 1, LNT_LIMITS.payloadBytes);
}

function checkRange(what: string, value: number, min: number, max: number): string | undefined {
  return Number.isInteger(value) && value >= min && value <= max
    ? undefined
    : `${what} is ${value}; ${min} to ${max} are possible`;
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalid('a text in its header is not UTF-8');
  }
}

function parseTags(bytes: Uint8Array): LntTags {
  let tags: unknown;
  try {
    tags = JSON.parse(decodeText(bytes));
  } catch {
    tags = undefined;
  }
  if (typeof tags !== 'object' || tags === null || Array.isArray(tags)) {
    throw invalid('its tags are not a JSON object');
  }
  return tags as LntTags;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
