import { greatestCommonDivisor } from '../../base/arrays.js';
import { SpeechError } from '../../base/errors.js';
import type { CodecProperties } from '../contract.js';
import type { LntItem } from './block-scanner.js';
import { bitsFor } from './code-packing.js';
import type { FindTables } from './code-tables.js';
import { invalid, type LntHeader, type LntTags } from './lnt-header.js';
import { problemOf } from './lnt-problem.js';
import { LntReader } from './lnt-reader.js';
import { readVersion1, VERSION_1_MAGIC, type LntVersion1 } from './version-1.js';

/** What a whole `.lnt` file of one channel holds. */
export type LntFile = LntVersion1 & {
  /** Name of the codec, such as `linnet-24k-rvq`; version 1 does not know it. */
  name?: string;
  /** SHA-256 of the codec's weights in lower-case hexadecimal digits; version 1 does not know it. */
  weightsHash?: string;
  /** What somebody said about the recording; version 1 has none. */
  tags?: LntTags;
};

const PIECE_BYTES = 2 ** 15;

/**
 * Reads a whole `.lnt` file, of version 1 or 2, and wants it sound: `LntReader` reads what is left of a damaged one.
 *
 * @param bytes - The whole file.
 * @returns Its tokens and header.
 * @throws {SpeechError} `BITSTREAM_INVALID` if it is no `.lnt` file, its version or codec is unknown, it contradicts
 * itself, a checksum is wrong, something follows its end, or it holds more than one channel, levels of different shapes
 * or an encoder's delay; `BITSTREAM_TRUNCATED` if it ends early.
 */
export function readLnt(bytes: Uint8Array, findTables?: FindTables): LntFile {
  const magic = new TextDecoder('latin1').decode(bytes.subarray(0, VERSION_1_MAGIC.length));
  if (magic === VERSION_1_MAGIC) {
    return readVersion1(bytes);
  }
  const reader = new LntReader(findTables);
  const tokens = new Tokens();
  // piece by piece, since blocks take far more room than their codes in one array
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    const items = reader.push(bytes.subarray(start, start + PIECE_BYTES));
    if (reader.header !== undefined) {
      tokens.begin(reader.header, bytes.length);
    }
    items.forEach((item) => {
      tokens.take(item);
    });
  }
  reader.flush().forEach((item) => {
    tokens.take(item);
  });
  return tokens.finish();
}

/**
 * Checks that a codec's weights are those that made some tokens.
 *
 * @param file - What made the tokens, as far as the file knows it.
 * @param codec - What shall decode them.
 * @throws {SpeechError} `WEIGHTS_DIFFER` if they are others; nothing where the file does not know them (version 1).
 */
export function checkWeights(
  file: { readonly name?: string; readonly weightsHash?: string | undefined },
  codec: CodecProperties,
): void {
  const { weightsHash } = file;
  if (weightsHash !== undefined && weightsHash !== codec.weightsHash) {
    throw new SpeechError(
      'WEIGHTS_DIFFER',
      `The tokens were made with the weights ${weightsHash.slice(0, 12)}... of ${file.name ?? 'a codec'}; ${codec.name} has ${codec.weightsHash.slice(0, 12)}... here.`,
      { weightsHash, expected: codec.weightsHash },
    );
  }
}

/** Joins the blocks of one channel. */
class Tokens {
  #header: LntHeader | undefined;
  #codes = new Uint16Array(0);
  #numFrames = 0;
  #numSamples = 0;

  begin(header: LntHeader, fileBytes: number): void {
    if (this.#header === undefined) {
      checkMono(header);
      this.#header = header;
      // no file of packed codes holds more; of coded ones it may
      const maxCodes = Math.floor((8 * fileBytes) / bitsFor(header.levels[0]!.codebookSize));
      this.#codes = new Uint16Array(maxCodes);
    }
  }

  take(item: LntItem): void {
    const problem = problemOf(item);
    if (problem !== undefined) {
      throw problem;
    }
    if (item.type !== 'block') {
      return;
    }
    const numCodebooks = this.#header!.levels.length;
    const { codes, numFrames, numSamples } = item;
    const needed = this.#numFrames * numCodebooks + codes.length;
    if (needed > this.#codes.length) {
      const grown = new Uint16Array(Math.ceil(1.5 * needed));
      grown.set(this.#codes);
      this.#codes = grown;
    }
    for (let level = 0; level < numCodebooks; level++) {
      let target = this.#numFrames * numCodebooks + level;
      for (let frame = 0; frame < numFrames; frame++) {
        this.#codes[target] = codes[level * numFrames + frame]!;
        target += numCodebooks;
      }
    }
    this.#numFrames += numFrames;
    this.#numSamples += numSamples;
  }

  finish(): LntFile {
    const { codec, name, weightsHash, sampleRate, levels, tags } = this.#header!;
    const { frameSize, codebookSize } = levels[0]!;
    const divisor = greatestCommonDivisor(sampleRate, frameSize);
    return {
      codec,
      name,
      weightsHash: weightsHash!,
      sampleRate,
      frameRate: { numerator: sampleRate / divisor, denominator: frameSize / divisor },
      numCodebooks: levels.length,
      bitsPerCode: bitsFor(codebookSize),
      numSamples: this.#numSamples,
      numFrames: this.#numFrames,
      codes: this.#codes.slice(0, this.#numFrames * levels.length),
      tags,
    };
  }
}

function checkMono({ channels, encoderDelay, levels }: LntHeader): void {
  const { frameSize, codebookSize } = levels[0]!;
  const isEven = levels.every(
    (level) => level.frameSize === frameSize && level.codebookSize === codebookSize,
  );
  if (channels !== 1 || encoderDelay !== 0 || !isEven) {
    throw invalid(
      `it has ${channels} channels, levels of ${isEven ? 'one shape' : 'different shapes'} and a delay of ${encoderDelay}; here it must have one channel, levels of one shape and no delay`,
      { channels, encoderDelay },
    );
  }
}
