import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { parseCodeTables } from '../../codecs/lnt/code-tables.js';
import { fillUniform } from '../../tts/noise.js';
import { makePiece, SMALL_HEADER, writePiece } from '../helpers/lnt-files.js';

/** Tables of one of the files. */
export const FUZZ_TABLES = parseCodeTables(
  new Uint8Array(readFileSync('test/golden/lnt/coded.tables')),
);

/** A file to begin with, and one that was made of it. */
export type Mutation = {
  original: Uint8Array;
  mutated: Uint8Array;
  /** Whether checksums were made right again, so that codes may be others than they were. */
  isResealed: boolean;
};

const MAX_MUTATIONS = 4;
const RESEALED_PART = 0.4;
const HEADER_BYTES = 100;
/** What a size is when somebody means harm. */
const HOSTILE = [
  0, 1, 2, 0x7f, 0xff, 0x100, 0xffff, 0x1_0000, 0x7fff_ffff, 0xffff_fffe, 0xffff_ffff,
];
const MARKERS = ['BK', 'BL', 'END2', 'LNT2', 'LNT1', 'LNTE'];

/** Files of different kinds: long, short, of two channels, without samples or index, of one bit a code, entropy-coded. */
const ORIGINALS: readonly Uint8Array[] = [
  writePiece(SMALL_HEADER, makePiece(SMALL_HEADER, 813, 1)),
  writePiece(SMALL_HEADER, makePiece(SMALL_HEADER, 17, 2), { hasIndex: false }),
  writePiece(SMALL_HEADER, makePiece(SMALL_HEADER, 0, 3)),
  stereo(),
  bits(),
  coded(),
];

/**
 * Makes a file that is not what it was.
 *
 * @param seed - Together with `run` it decides everything.
 * @param run - Counts the files.
 */
export function mutate(seed: number, run: number): Mutation {
  const numbers = new Float32Array(64);
  fillUniform(numbers, seed, 'sampling', run);
  let next = 0;
  const draw = (limit: number) => Math.floor(numbers[next++]! * limit);
  const original = ORIGINALS[draw(ORIGINALS.length)]!;
  const isResealed = numbers[next++]! < RESEALED_PART;
  let mutated = new Uint8Array(original);
  for (let count = 1 + draw(MAX_MUTATIONS); count > 0; count--) {
    mutated = mutateOnce(mutated, draw);
  }
  if (isResealed) {
    reseal(mutated);
  }
  return { original, mutated, isResealed };
}

function mutateOnce(bytes: Uint8Array, draw: (limit: number) => number): Uint8Array<ArrayBuffer> {
  const kind = draw(10);
  // most of the time behind the header, without which all is lost
  const first = draw(4) === 0 ? 0 : Math.min(HEADER_BYTES, bytes.length);
  const at = first + draw(bytes.length + 1 - first);
  const length = draw(kind === 3 ? bytes.length : 40);
  const copy = new Uint8Array(bytes);
  const view = new DataView(copy.buffer);
  switch (kind) {
    case 0:
      if (at < copy.length) {
        copy[at]! ^= 1 << draw(8);
      }
      return copy;
    case 1:
      return join(
        copy.subarray(0, at),
        makeNoise(length, draw(2 ** 24)),
        copy.subarray(at + length),
      );
    case 2:
      return join(copy.subarray(0, at), makeNoise(length, draw(2 ** 24)), copy.subarray(at));
    case 3:
      return join(copy.subarray(0, at), copy.subarray(at + length));
    case 4:
      return join(copy.subarray(0, at), copy.subarray(draw(bytes.length)));
    case 5:
      return new Uint8Array(copy.subarray(0, at));
    case 6:
    case 7:
      if (at + 4 <= copy.length) {
        view.setUint32(at, HOSTILE[draw(HOSTILE.length)]!, true);
      }
      return copy;
    case 8:
      if (at + 2 <= copy.length) {
        view.setUint16(at, HOSTILE[draw(HOSTILE.length)]!, true);
      }
      return copy;
    default: {
      const marker = new TextEncoder().encode(MARKERS[draw(MARKERS.length)]);
      return join(
        copy.subarray(0, at),
        marker,
        copy.subarray(at + (draw(2) === 0 ? 0 : marker.length)),
      );
    }
  }
}

/** Makes the checksums right again wherever a header, a block or an end seems to be. */
function reseal(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = bytes.length >= 8 ? view.getUint32(4, true) : 0;
  if (headerBytes < 12 || headerBytes > bytes.length) {
    return;
  }
  view.setUint32(headerBytes - 4, crc32(bytes.subarray(0, headerBytes - 4)), true);
  const seed = crc32(bytes.subarray(headerBytes - 4, headerBytes));
  for (let offset = headerBytes; offset + 20 < bytes.length; offset++) {
    const end = endOfPart(bytes, view, offset);
    if (end !== undefined && end + 4 <= bytes.length) {
      view.setUint32(end, crc32(bytes.subarray(offset, end), seed), true);
      offset = end + 3;
    }
  }
}

function endOfPart(bytes: Uint8Array, view: DataView, offset: number): number | undefined {
  const marker = new TextDecoder('latin1').decode(bytes.subarray(offset, offset + 4));
  if (marker === 'END2') {
    return offset + 20 + 2 * view.getUint32(offset + 16, true);
  }
  const fields = { BK: 8, BL: 16 }[marker.slice(0, 2)];
  return fields === undefined ? undefined : offset + fields + view.getUint16(offset + 2, true);
}

function makeNoise(length: number, seed: number): Uint8Array {
  const numbers = new Float32Array(length);
  fillUniform(numbers, seed, 'flow', 0);
  return Uint8Array.from(numbers, (number) => number * 256);
}

function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(parts));
}

function coded(): Uint8Array {
  const { levels } = FUZZ_TABLES;
  const sizes = levels.map(({ size }) => ({ frameSize: 4, codebookSize: size }));
  const header = { ...SMALL_HEADER, levels: sizes };
  return writePiece(header, makePiece(header, 811, 6), { tables: FUZZ_TABLES });
}

function stereo(): Uint8Array {
  const levels = [
    { frameSize: 4, codebookSize: 700 },
    { frameSize: 8, codebookSize: 65_536 },
    { frameSize: 20, codebookSize: 300 },
  ];
  const header = { ...SMALL_HEADER, channels: 2, levels, tags: { voice: 'nobody' } };
  return writePiece(header, makePiece(header, 211, 4));
}

function bits(): Uint8Array {
  const header = { ...SMALL_HEADER, levels: [{ frameSize: 1, codebookSize: 2 }] };
  return writePiece(header, makePiece(header, 1_234, 5));
}
