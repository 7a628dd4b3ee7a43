import { isDeepStrictEqual } from 'node:util';
import { SpeechError } from '../../base/errors.js';
import type { LntBlockItem, LntItem } from '../../codecs/lnt/block-scanner.js';
import { bitsFor } from '../../codecs/lnt/code-packing.js';
import { readLnt } from '../../codecs/lnt/lnt-file.js';
import { LntReader } from '../../codecs/lnt/lnt-reader.js';
import { LntSeeker } from '../../codecs/lnt/lnt-seeker.js';
import { countAllocations } from '../helpers/allocations.js';
import { readItems, sourceOf } from '../helpers/lnt-files.js';
import { FUZZ_TABLES, mutate, type Mutation } from './lnt-mutations.js';

/** How files were read. */
export type Outcome = 'sound' | 'damaged' | 'truncated' | 'refused';

const REFUSALS = new Set(['BITSTREAM_INVALID', 'BITSTREAM_TRUNCATED', 'WEIGHTS_DIFFER']);

const findTables = (crc: number) => (crc === FUZZ_TABLES.crc ? FUZZ_TABLES : undefined);

/** Bytes that readers may allocate whatever the file: buffers of fixed length. */
const FIXED_BYTES = 4_096;

/**
 * Reads a mutated file in all ways and throws if anything is not as docs/lnt-format.md has it: an error that is not
 * of the catalogue, another result from another way, codes that are not the original's, too much memory.
 *
 * @param seed - Together with `run` it decides the file.
 * @param run - Counts the files.
 * @returns How it was read, and how much was allocated for each byte of it.
 */
export async function fuzzReaders(
  seed: number,
  run: number,
): Promise<{ outcome: Outcome; bytesPerByte: number }> {
  const mutation = mutate(seed, run);
  const { mutated } = mutation;
  const whole = attempt(() => readItems(mutated, undefined, findTables));
  const cut = attempt(() => readItems(mutated, makeCuts(mutated.length, run), findTables));
  expectSame('cut elsewhere', cut, whole);
  await checkSeeker(mutation, whole, run);
  const file = attempt(() => [readLnt(mutated, findTables)]);
  const items = whole instanceof SpeechError ? [] : whole;
  checkItems(items);
  if (!mutation.isResealed) {
    checkCodes(items, mutation);
  }
  const outcome = outcomeOf(whole);
  const isMono = !(file instanceof SpeechError) || !file.message.includes('channels');
  if (isMono && (outcome === 'sound') !== !(file instanceof SpeechError)) {
    throw new Error(`readLnt and LntReader disagree: ${outcome}`);
  }
  return { outcome, bytesPerByte: await checkAllocations(mutated) };
}

function attempt<T>(read: () => T): T | SpeechError {
  try {
    return read();
  } catch (error) {
    if (error instanceof SpeechError && REFUSALS.has(error.code)) {
      return error;
    }
    throw error;
  }
}

async function checkSeeker(
  { mutated, isResealed }: Mutation,
  whole: LntItem[] | SpeechError,
  run: number,
): Promise<void> {
  let seeker: LntSeeker;
  try {
    seeker = await LntSeeker.open(sourceOf(mutated), findTables);
  } catch (error) {
    if (!(whole instanceof SpeechError) || !(error instanceof SpeechError)) {
      throw error;
    }
    expectSame('opened', error.code, whole.code);
    return;
  }
  if (whole instanceof SpeechError) {
    throw new Error('the seeker opens what the reader refuses');
  }
  if (seeker.numBlocks > 0) {
    const all = await collect(seeker.read(0));
    const block = run % seeker.numBlocks;
    const found = blocksFrom(await collect(seeker.read(block)), block);
    // a file made to deceive may have an index that leads past some blocks
    if (!isResealed) {
      expectSame('from the beginning', all, whole);
      expectSame(`from block ${block}`, found, blocksFrom(whole, block));
    }
  }
}

function blocksFrom(items: readonly LntItem[], number: number): LntItem[] {
  return items.filter((item) => item.type === 'block' && item.number >= number);
}

/** Numbers rise, and what is lost fills the gaps. */
function checkItems(items: readonly LntItem[]): void {
  let nextBlock = 0;
  let nextSample = 0;
  for (const item of items) {
    if (item.type === 'end') {
      expectSame('samples in all', item.numSamples, nextSample);
      expectSame('blocks in all', item.numBlocks, nextBlock);
    } else {
      expectSame('number', item.type === 'block' ? item.number : item.firstBlock, nextBlock);
      expectSame('start', item.startSample, nextSample);
      nextBlock += item.type === 'block' ? 1 : item.numBlocks;
      nextSample += item.numSamples;
    }
  }
}

function checkCodes(items: readonly LntItem[], { original }: Mutation): void {
  const right = new Map(
    readItems(original, undefined, findTables)
      .filter(isBlock)
      .map((block) => [block.number, block]),
  );
  for (const { number, codes, numSamples } of items.filter(isBlock)) {
    expectSame('codes', codes, right.get(number)?.codes);
    expectSame('samples', numSamples, right.get(number)?.numSamples);
  }
}

async function checkAllocations(bytes: Uint8Array): Promise<number> {
  const reader = new LntReader(findTables);
  const streamed = await countAllocations(() => [reader.push(bytes), reader.flush()]);
  const whole = await countAllocations(() => readLnt(bytes, findTables));
  const sizes = reader.header?.levels.map(({ codebookSize }) => bitsFor(codebookSize)) ?? [16];
  // coded ones have no less than one bit each
  const isCoded = reader.header?.tablesCrc !== undefined;
  const bytesPerByte = 16 / (isCoded ? 1 : Math.min(...sizes));
  // the bytes, the codes of blocks, for a whole file its codes twice
  const limit = FIXED_BYTES + bytes.length * (2 + 3 * bytesPerByte);
  if (Math.max(streamed, whole) > limit) {
    throw new Error(`${streamed} and ${whole} bytes allocated for ${bytes.length}`);
  }
  return Math.max(streamed, whole) / Math.max(1, bytes.length);
}

function outcomeOf(items: readonly LntItem[] | SpeechError): Outcome {
  if (items instanceof SpeechError) {
    return 'refused';
  }
  if (items.some(({ type }) => type === 'damage')) {
    return 'damaged';
  }
  return items.some((item) => item.type === 'end' && item.isComplete) ? 'sound' : 'truncated';
}

function isBlock(item: LntItem): item is LntBlockItem {
  return item.type === 'block';
}

function makeCuts(length: number, run: number): number[] {
  const step = 1 + (run % 61);
  return Array.from({ length: Math.ceil(length / step) }, (_, index) => index * step);
}

function expectSame(what: string, actual: unknown, expected: unknown): void {
  const isSame =
    actual instanceof SpeechError && expected instanceof SpeechError
      ? actual.code === expected.code
      : isDeepStrictEqual(actual, expected);
  if (!isSame) {
    throw new Error(`${what}: ${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`);
  }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) {
    all.push(item);
  }
  return all;
}
