import { crc32 } from '../../base/crc32.js';
import { SpeechError } from '../../base/errors.js';
import { invalid, type LntHeader } from './lnt-header.js';

/** What a code before it says about a code. */
export type CodeContext = {
  /** Level of the code that is looked at. */
  readonly level: number;
  /** How many frames before; 0 for a lower level of the same frame. */
  readonly back: number;
  /** Class of each code of that level, and of there being none: `[N + 1]`. */
  readonly classes: Uint8Array;
  /** Scores that each class gives to each code, in sixteenths of a bit: `[classes, N]`. */
  readonly scores: Int8Array;
};

/** The probabilities of one level's codes, as scores. */
export type LevelTable = {
  /** Entries of the codebook, `N`. */
  readonly size: number;
  /** Scores of the codes by themselves, in sixteenths of a bit: `[N]`. */
  readonly bias: Int16Array;
  readonly contexts: readonly CodeContext[];
};

/** The tables by which a codec's tokens are entropy-coded. docs/lnt-format.md describes them. */
export type CodeTables = {
  /** CRC-32 of the file, by which token files name it. */
  readonly crc: number;
  /** Levels, coarse to fine. */
  readonly levels: readonly LevelTable[];
};

/** Finds tables by their CRC-32; `undefined` if they are not here. */
export type FindTables = (crc: number) => CodeTables | undefined;

const MAGIC = 'LNTT';
const VERSION = 1;
const MAX_SIZE = 2 ** 16;
const MAX_BACK = 16;

/**
 * Reads tables.
 *
 * @param bytes - The whole file.
 * @throws {SpeechError} `BITSTREAM_INVALID` if it is no such file.
 */
export function parseCodeTables(bytes: Uint8Array): CodeTables {
  const reader = new Fields(bytes);
  if (reader.text(MAGIC.length) !== MAGIC || reader.uint8() !== VERSION) {
    throw invalid('its coding tables do not begin with LNTT and version 1');
  }
  const numLevels = reader.uint8();
  const sizes = Array.from({ length: numLevels }, () => reader.uint32());
  const levels: LevelTable[] = [];
  for (const [level, size] of sizes.entries()) {
    if (size < 2 || size > MAX_SIZE) {
      throw invalid(`a coding table has ${size} codes; 2 to ${MAX_SIZE} are possible`);
    }
    const numContexts = reader.uint8();
    const bias = new Int16Array(size);
    for (let code = 0; code < size; code++) {
      bias[code] = reader.int16();
    }
    const contexts = Array.from({ length: numContexts }, () => readContext(reader, level, sizes));
    levels.push({ size, bias, contexts });
  }
  if (numLevels === 0 || !reader.isAtEnd) {
    throw invalid('its coding tables are longer than they say');
  }
  return { crc: crc32(bytes), levels };
}

function readContext(reader: Fields, level: number, sizes: readonly number[]): CodeContext {
  const source = reader.uint8();
  const back = reader.uint8();
  const numClasses = reader.uint16();
  // of the same frame only the levels below are known
  const isKnown = source < sizes.length && (back > 0 || source < level);
  if (!isKnown || back > MAX_BACK || numClasses < 1 || numClasses > 256) {
    throw invalid('a coding table looks at codes that come later, or has no classes');
  }
  const size = sizes[level]!;
  const classes = reader.bytes(sizes[source]! + 1);
  if (classes.some((each) => each >= numClasses)) {
    throw invalid('a coding table names a class that it does not have');
  }
  const scores = new Int8Array(reader.bytes(numClasses * size).buffer);
  return { level: source, back, classes, scores };
}

/**
 * Checks that tables are those of a header.
 *
 * @param header - What names its tables, or none.
 * @param tables - What was found.
 * @throws {SpeechError} `WEIGHTS_DIFFER` if the header names tables that are not here; `BITSTREAM_INVALID` if they have
 * fewer levels than it, or codebooks of other sizes.
 */
export function checkTables(header: LntHeader, tables: CodeTables | undefined): void {
  const { tablesCrc, levels, name } = header;
  if (tablesCrc === undefined) {
    return;
  }
  if (tables === undefined) {
    throw new SpeechError(
      'WEIGHTS_DIFFER',
      `The codes are entropy-coded by tables of ${name} that are not here (${tablesCrc.toString(16)}); the version of the codec that wrote them has them.`,
      { tablesCrc },
    );
  }
  if (levels.some(({ codebookSize }, level) => tables.levels[level]?.size !== codebookSize)) {
    throw invalid('its levels are not those of the coding tables that it names');
  }
}

/** Reads fields one after the other. */
class Fields {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes.subarray(this.#take(length), this.#offset));
  }

  text(length: number): string {
    return new TextDecoder('latin1').decode(this.bytes(length));
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  int16(): number {
    return this.#view.getInt16(this.#take(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  #take(length: number): number {
    const start = this.#offset;
    this.#offset += length;
    if (this.#offset > this.#bytes.length) {
      throw invalid('its coding tables end early');
    }
    return start;
  }
}
