import { SpeechError } from '../../base/errors.js';
import type { Codec, CodecProperties, Codes, DecoderStream } from '../contract.js';
import type { LntDamage, LntItem } from './block-scanner.js';
import { bitsFor } from './code-packing.js';
import type { FindTables } from './code-tables.js';
import type { LntBlock } from './lnt-block.js';
import { checkWeights } from './lnt-file.js';
import { invalid, type LntHeader, type LntLevel } from './lnt-header.js';
import { problemOf } from './lnt-problem.js';
import { LntReader } from './lnt-reader.js';
import type { LntSeeker } from './lnt-seeker.js';

/** Options of {@link decodeLnt} and {@link decodeLntFrom}. */
export type LntDecodeOptions = {
  /** First sample wanted; 0 by default. */
  startSample?: number;
  /** How many samples are wanted at most; all by default. */
  numSamples?: number;
  /** Take tokens of other weights too; they may decode to noise. */
  force?: boolean;
  /** Fail on damage, instead of giving silence for it. */
  strict?: boolean;
  /** Finds the tables of files whose codes are entropy-coded; without it these are refused. */
  findTables?: FindTables | undefined;
  /** Gets a sentence about each piece of damage, unless it is `strict`. */
  onWarning?: (warning: string) => void;
};

/** What is needed of a codec to decode. */
export type LntCodec = CodecProperties & Pick<Codec, 'decoder'>;

/** Gives the codec that a file names. */
export type FindCodec = (header: LntHeader) => LntCodec | Promise<LntCodec>;

/**
 * Audio before the first sample wanted that goes through the decoder too, in seconds. That of `rvq` hears 1.7 s back,
 * that of `single` 2.6 s; from there on the samples are those of the whole file.
 */
const WARM_UP_SECONDS = { rvq: 1.8, single: 2.8 } as const;
/** A forged file must not become days of silence. */
const MAX_SILENT_SECONDS = 3_600;

/**
 * Decodes the bytes of a `.lnt` file while they come.
 *
 * @param findCodec - Gives the codec that the file names; it is not closed here.
 * @param bytes - The file, cut anywhere.
 * @param options - What is wanted, and what to do where the file is damaged.
 * @yields Samples at the codec's rate, about a second at a time: as many as the file says, less what was cut off.
 * @throws {SpeechError} `BITSTREAM_INVALID` if it is no `.lnt` file or does not fit the codec; `WEIGHTS_DIFFER`;
 * `BITSTREAM_TRUNCATED` if it ends in its header; if `strict` these two for damage and a missing end; `AUDIO_EMPTY` if
 * there is no sample where they are wanted; what `findCodec` and `bytes` throw.
 */
export async function* decodeLnt(
  findCodec: FindCodec,
  bytes: AsyncIterable<Uint8Array>,
  options: LntDecodeOptions = {},
): AsyncGenerator<Float32Array, void, undefined> {
  const reader = new LntReader(options.findTables);
  let audio: LntAudio | undefined;
  try {
    for await (const part of bytes) {
      const items = reader.push(part);
      if (reader.header !== undefined) {
        audio ??= await openAudio(findCodec, reader.header, options);
        yield* audio.decode(items);
        if (audio.isOver) {
          return;
        }
      }
    }
    const items = reader.flush();
    // files of version 1 have their header only now
    audio ??= await openAudio(findCodec, reader.header!, options);
    yield* audio.decode(items);
    audio.checkGiven();
  } finally {
    await audio?.close();
  }
}

/**
 * Decodes a part of a `.lnt` file without reading what lies before it.
 *
 * @param findCodec - As for {@link decodeLnt}.
 * @param file - The file.
 * @param options - As for {@link decodeLnt}.
 * @yields As {@link decodeLnt}.
 * @throws {SpeechError} As {@link decodeLnt}.
 */
export async function* decodeLntFrom(
  findCodec: FindCodec,
  file: LntSeeker,
  options: LntDecodeOptions = {},
): AsyncGenerator<Float32Array, void, undefined> {
  const { header, numBlocks } = file;
  const audio = await openAudio(findCodec, header, options);
  try {
    const block = Math.max(0, Math.min(audio.firstBlock, numBlocks - 1));
    for await (const item of file.read(block)) {
      yield* audio.decode([item]);
      if (audio.isOver) {
        return;
      }
    }
    audio.checkGiven();
  } finally {
    await audio.close();
  }
}

async function openAudio(
  findCodec: FindCodec,
  header: LntHeader,
  options: LntDecodeOptions,
): Promise<LntAudio> {
  const codec = await findCodec(header);
  checkFits(codec, header);
  if (options.force !== true) {
    checkWeights(header, codec);
  }
  return new LntAudio(codec, header, options);
}

/** Turns what a reader finds into samples. Positions count samples of the file, the encoder's delay included. */
class LntAudio {
  readonly #header: LntHeader;
  readonly #options: LntDecodeOptions;
  readonly #decoder: DecoderStream;
  readonly #start: number;
  readonly #end: number;
  /** Where the next sample of the decoder or of silence lies. */
  #position: number | undefined;
  #numGiven = 0;
  #silentSamples = 0;
  #firstProblem: SpeechError | undefined;

  constructor(codec: LntCodec, header: LntHeader, options: LntDecodeOptions) {
    const { startSample = 0, numSamples = Infinity } = options;
    this.#header = header;
    this.#options = options;
    this.#start = startSample + header.encoderDelay;
    this.#end = this.#start + numSamples;
    this.#decoder = codec.decoder();
  }

  /** The first sample that matters. */
  get #firstSample(): number {
    const { codec, sampleRate } = this.#header;
    return Math.max(0, this.#start - WARM_UP_SECONDS[codec] * sampleRate);
  }

  /** The first block that matters. */
  get firstBlock(): number {
    return Math.floor(this.#firstSample / this.#header.blockLength);
  }

  /** Whether all samples wanted were given. */
  get isOver(): boolean {
    return this.#position !== undefined && this.#position >= this.#end;
  }

  /**
   * Takes what a reader found next.
   *
   * @param items - In order; after {@link isOver} no more are needed.
   * @yields The samples that become known, of those wanted.
   * @throws {SpeechError} If `strict`, for damage.
   */
  async *decode(items: readonly LntItem[]): AsyncGenerator<Float32Array, void, undefined> {
    for (const item of items) {
      if (item.type === 'block') {
        yield* this.#decodeBlock(item);
      } else if (item.type === 'damage') {
        yield* this.#passDamage(item);
      } else {
        this.#tell(item);
        yield* this.#give(await this.#decoder.flush());
      }
      if (this.isOver) {
        return;
      }
    }
  }

  /** @throws {SpeechError} `AUDIO_EMPTY` if no sample was given, or what is wrong with the file. */
  checkGiven(): void {
    if (this.#numGiven === 0 && this.#firstProblem !== undefined) {
      throw this.#firstProblem;
    }
    if (this.#numGiven === 0) {
      const { startSample = 0 } = this.#options;
      throw new SpeechError(
        'AUDIO_EMPTY',
        startSample === 0
          ? 'The file has 0 samples.'
          : `The file ends before sample ${startSample}, from which on it was to be decoded.`,
        { startSample },
      );
    }
  }

  /** Frees the decoder. */
  close(): Promise<void> {
    return this.#decoder.close();
  }

  async *#decodeBlock(block: LntBlock): AsyncGenerator<Float32Array, void, undefined> {
    if (block.number >= this.firstBlock) {
      const { levels } = this.#header;
      const { frameSize } = levels[0]!;
      let skipped = 0;
      if (this.#position === undefined) {
        const early = Math.min(this.#firstSample - block.startSample, block.numSamples - 1);
        skipped = Math.max(0, Math.floor(early / frameSize));
        this.#position = block.startSample + skipped * frameSize;
      }
      const codes = toCodes(block, levels.length, skipped, frameSize);
      yield* this.#give(await this.#decoder.push(codes));
    }
  }

  async *#passDamage(damage: LntDamage): AsyncGenerator<Float32Array, void, undefined> {
    const endSample = damage.startSample + damage.numSamples;
    if (endSample < this.firstBlock * this.#header.blockLength) {
      return;
    }
    this.#tell(damage);
    if (damage.numSamples > 0) {
      // what comes after it does not go on from what came before
      yield* this.#give(await this.#decoder.flush());
      this.#position = Math.max(damage.startSample, this.#position ?? 0);
      yield* this.#beSilentUntil(endSample);
    }
  }

  *#beSilentUntil(endSample: number): Generator<Float32Array, void, undefined> {
    const { sampleRate } = this.#header;
    // silence that nobody wants takes no time
    this.#position = Math.max(this.#position!, Math.min(this.#start, endSample));
    const last = Math.min(endSample, this.#end);
    this.#silentSamples += Math.max(0, last - this.#position);
    if (this.#silentSamples > MAX_SILENT_SECONDS * sampleRate) {
      throw invalid(`more than ${MAX_SILENT_SECONDS} s of it are lost`);
    }
    while (this.#position < last) {
      yield* this.#give(new Float32Array(Math.min(sampleRate, last - this.#position)));
    }
  }

  /** Cuts samples to those wanted. */
  *#give(samples: Float32Array): Generator<Float32Array, void, undefined> {
    const position = this.#position ?? 0;
    this.#position = position + samples.length;
    const first = Math.max(0, this.#start - position);
    const wanted = samples.subarray(first, Math.max(first, this.#end - position));
    if (wanted.length > 0) {
      this.#numGiven += wanted.length;
      yield wanted;
    }
  }

  #tell(item: LntItem): void {
    const problem = problemOf(item);
    if (problem !== undefined && this.#options.strict === true) {
      throw problem;
    }
    if (problem !== undefined) {
      this.#firstProblem ??= problem;
      this.#options.onWarning?.(problem.message);
    }
  }
}

/** Codes `[K, T]` of one channel to tokens, without the first frames. */
function toCodes(
  { codes, numFrames, numSamples }: LntBlock,
  numCodebooks: number,
  skipped: number,
  frameSize: number,
): Codes {
  const numKept = numFrames - skipped;
  const data = new Uint16Array(numKept * numCodebooks);
  for (let level = 0; level < numCodebooks; level++) {
    const start = level * numFrames + skipped;
    for (let frame = 0; frame < numKept; frame++) {
      data[frame * numCodebooks + level] = codes[start + frame]!;
    }
  }
  const left = numSamples - skipped * frameSize;
  return { data, numFrames: numKept, numCodebooks, numSamples: left };
}

function checkFits(codec: CodecProperties, header: LntHeader): void {
  const { sampleRate, frameSize, cardinality, channels, kind, numCodebooks } = codec;
  const { levels } = header;
  // version 1 knows the bits of a code, not the size of its codebook
  const hasSize = ({ codebookSize }: LntLevel) =>
    header.weightsHash === undefined
      ? codebookSize === 2 ** bitsFor(cardinality)
      : codebookSize === cardinality;
  const isSame =
    header.codec === kind &&
    header.sampleRate === sampleRate &&
    header.channels === channels &&
    levels.length <= numCodebooks &&
    levels.every((level) => level.frameSize === frameSize && hasSize(level));
  if (!isSame) {
    throw new SpeechError(
      'BITSTREAM_INVALID',
      `The file does not fit ${codec.name}: it has ${header.channels} channels at ${header.sampleRate} Hz and ${levels.length} levels of ${levels[0]!.frameSize} samples and ${levels[0]!.codebookSize} codes; the codec has ${channels} at ${sampleRate} Hz and ${numCodebooks} of ${frameSize} and ${cardinality}.`,
      { codec: header.codec, sampleRate: header.sampleRate, channels: header.channels },
    );
  }
}
