import { joinBytes } from '../../base/arrays.js';
import { SpeechError } from '../../base/errors.js';
import type { Codes } from '../contract.js';
import { CodeBuffer } from './code-buffer.js';
import { checkTables, type CodeTables } from './code-tables.js';
import { BlockFormat } from './lnt-block.js';
import { writeEnd } from './lnt-end.js';
import { writeHeader, type LntHeader } from './lnt-header.js';

/** Some of the codes of a recording, as they become known. */
export type LntPiece = {
  /** Codes of each channel and level, `[C][K][T_k]`; the levels need not be equally far. */
  readonly levels: readonly (readonly Uint16Array[])[];
  /** Samples that they stand for. Over a recording they add up to what the codes cover, or less. */
  readonly numSamples: number;
};

/** Settings of {@link LntWriter}. */
export type LntWriterOptions = {
  /** Whether the end lists the lengths of the blocks, by which a reader can seek; true without it. */
  hasIndex?: boolean;
  /** Tables by which the codes are entropy-coded, of as many levels or more; they are packed without it. */
  tables?: CodeTables | undefined;
};

const MAX_BLOCKS = 2 ** 32 - 1;

/**
 * Writes a `.lnt` file of version 2 while the codes come; nothing of it needs to be known in advance. It holds the
 * codes of less than two blocks, and two bytes for each block if there is an index.
 */
export class LntWriter {
  readonly #format: BlockFormat;
  readonly #hasIndex: boolean;
  readonly #buffers: readonly (readonly CodeBuffer[])[];
  readonly #payloadBytes: number[] = [];
  #parts: Uint8Array[] = [];
  #numBlocks = 0;
  #numSamples = 0;
  #isFinished = false;

  /**
   * @param header - What the file shall hold.
   * @param options - Whether it shall have an index.
   * @throws {SpeechError} `OPTION_INVALID` if a file cannot hold it.
   */
  constructor(header: LntHeader, options: LntWriterOptions = {}) {
    const { tables } = options;
    const coded: LntHeader =
      tables === undefined ? withoutTables(header) : { ...header, tablesCrc: tables.crc };
    checkTables(coded, tables);
    const bytes = writeHeader(coded);
    this.#format = new BlockFormat(coded, bytes, tables);
    this.#hasIndex = options.hasIndex ?? true;
    this.#buffers = Array.from({ length: header.channels }, () =>
      header.levels.map(() => new CodeBuffer()),
    );
    this.#parts.push(bytes);
  }

  /** Samples taken so far. */
  get numSamples(): number {
    return this.#numSamples;
  }

  /**
   * Takes codes.
   *
   * @param piece - The next codes of all channels.
   * @returns The blocks that they complete, none mostly; the header comes before the first of them. A block is
   * complete when samples are known that follow it, since the last one is written otherwise.
   * @throws {SpeechError} `INPUT_SHAPE_MISMATCH` if there is another number of channels or levels than the header
   * says, or there are more samples than codes for them; `CODE_OUT_OF_RANGE`; `STATE_INVALID` after `finish`.
   */
  push(piece: LntPiece): Uint8Array {
    this.#checkOpen();
    this.#checkPiece(piece);
    piece.levels.forEach((levels, channel) => {
      levels.forEach((codes, level) => {
        this.#buffers[channel]![level]!.push(codes);
      });
    });
    this.#numSamples += piece.numSamples;
    const { blockLength, levels } = this.#format.header;
    const counts = levels.map(({ frameSize }) => blockLength / frameSize);
    while (this.#waitingSamples > blockLength && this.#has(counts)) {
      this.#writeBlock(blockLength, counts, false);
    }
    // without a block the header waits, so that an error in the first second leaves nothing written
    return this.#numBlocks > 0 ? this.#take() : new Uint8Array(0);
  }

  /**
   * Takes tokens of a codec whose levels all have frames of the same length.
   *
   * @param channels - The next tokens of each channel: as many frames and samples for each.
   * @returns As {@link LntWriter.push}.
   * @throws {SpeechError} As {@link LntWriter.push}.
   */
  pushCodes(...channels: readonly Codes[]): Uint8Array {
    const numSamples = channels[0]?.numSamples ?? 0;
    if (channels.some((codes) => codes.numSamples !== numSamples)) {
      throw mismatch('The channels stand for different numbers of samples; they must be as long.');
    }
    return this.push({ levels: channels.map(splitLevels), numSamples });
  }

  /**
   * Ends the file.
   *
   * @returns Its last bytes.
   * @throws {SpeechError} `INPUT_SHAPE_MISMATCH` if the codes are too few for the samples, reach beyond them by
   * more than a block, or differ in length between channels or levels; `STATE_INVALID` if it has ended.
   */
  finish(): Uint8Array {
    this.#checkOpen();
    this.#isFinished = true;
    const { levels } = this.#format.header;
    const waiting = this.#waitingSamples;
    const numFrames = this.#buffers[0]![0]!.length;
    const counts = this.#format.countFrames(numFrames);
    const isEven = this.#buffers.every((channel) =>
      channel.every((buffer, level) => buffer.length === counts[level]),
    );
    if (
      !isEven ||
      numFrames * levels[0]!.frameSize < waiting ||
      numFrames > 2 * this.#format.framesPerBlock ||
      (waiting === 0 && numFrames > 0)
    ) {
      throw mismatch(
        `${waiting} samples are left for ${numFrames} frames; they must fill the frames, which may reach beyond them by a block of ${this.#format.framesPerBlock} frames.`,
        { numSamples: waiting, numFrames },
      );
    }
    if (waiting > 0) {
      this.#writeBlock(waiting, counts, true);
    }
    const payloadBytes = this.#hasIndex ? Uint16Array.from(this.#payloadBytes) : undefined;
    const end = { numSamples: this.#numSamples, numBlocks: this.#numBlocks, payloadBytes };
    this.#parts.push(writeEnd(end, this.#format.seed));
    return this.#take();
  }

  get #waitingSamples(): number {
    return this.#numSamples - this.#numBlocks * this.#format.header.blockLength;
  }

  #has(counts: readonly number[]): boolean {
    return this.#buffers.every((channel) =>
      channel.every((buffer, level) => buffer.length >= counts[level]!),
    );
  }

  #writeBlock(numSamples: number, counts: readonly number[], isLast: boolean): void {
    const { channels, blockLength } = this.#format.header;
    const perChannel = counts.reduce((sum, count) => sum + count, 0);
    const codes = new Uint16Array(channels * perChannel);
    let offset = 0;
    for (const channel of this.#buffers) {
      for (const [level, buffer] of channel.entries()) {
        buffer.moveTo(codes, offset, counts[level]!);
        offset += counts[level]!;
      }
    }
    const number = this.#numBlocks++;
    const startSample = number * blockLength;
    const numFrames = counts[0]!;
    const block = { number, startSample, numSamples, numFrames, isLast, codes };
    const { bytes, payloadBytes } = this.#format.write(block);
    this.#parts.push(bytes);
    if (this.#hasIndex) {
      this.#payloadBytes.push(payloadBytes);
    }
  }

  #take(): Uint8Array {
    const parts = this.#parts;
    this.#parts = [];
    return parts.length === 1 ? parts[0]! : joinBytes(parts);
  }

  #checkOpen(): void {
    if (this.#isFinished) {
      throw new SpeechError('STATE_INVALID', 'The file has ended; open another writer.');
    }
  }

  #checkPiece({ levels: channels, numSamples }: LntPiece): void {
    const { header } = this.#format;
    const { levels, blockLength } = header;
    if (
      channels.length !== header.channels ||
      channels.some((channel) => channel.length !== levels.length)
    ) {
      throw mismatch(
        `The file has ${header.channels} channels of ${levels.length} levels; other numbers came.`,
        { channels: channels.length, levels: channels[0]?.length ?? 0 },
      );
    }
    const maxSamples =
      Math.min(MAX_BLOCKS * blockLength, Number.MAX_SAFE_INTEGER) - this.#numSamples;
    if (!Number.isInteger(numSamples) || numSamples < 0 || numSamples > maxSamples) {
      throw mismatch(`numSamples is ${numSamples}; 0 to ${maxSamples} are possible.`, {
        numSamples,
      });
    }
    for (const channel of channels) {
      for (const [level, codes] of channel.entries()) {
        checkCodes(codes, level, levels[level]!.codebookSize);
      }
    }
  }
}

function withoutTables(header: LntHeader): LntHeader {
  const plain: LntHeader & { tablesCrc?: number } = { ...header };
  delete plain.tablesCrc;
  return plain;
}

/** Tokens `[T, K]` to codes `[K][T]`. */
function splitLevels({ data, numFrames, numCodebooks }: Codes): Uint16Array[] {
  if (data.length !== numFrames * numCodebooks) {
    throw mismatch(
      `codes holds ${data.length} codes; ${numFrames} frames of ${numCodebooks} were announced.`,
      { length: data.length, numFrames, numCodebooks },
    );
  }
  return Array.from({ length: numCodebooks }, (_, level) => {
    const codes = new Uint16Array(numFrames);
    for (let frame = 0; frame < numFrames; frame++) {
      codes[frame] = data[frame * numCodebooks + level]!;
    }
    return codes;
  });
}

function checkCodes(codes: Uint16Array, level: number, codebookSize: number): void {
  for (let index = 0; index < codes.length; index++) {
    if (codes[index]! >= codebookSize) {
      throw new SpeechError(
        'CODE_OUT_OF_RANGE',
        `Code ${index} of level ${level} is ${codes[index]}; it must be below ${codebookSize}.`,
        { index, level, code: codes[index]!, codebookSize },
      );
    }
  }
}

function mismatch(message: string, details: Record<string, number> = {}): SpeechError {
  return new SpeechError('INPUT_SHAPE_MISMATCH', message, details);
}
