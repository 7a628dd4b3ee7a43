import { readFileSync } from 'node:fs';
import type { LntItem } from '../../../codecs/lnt/block-scanner.js';
import { LntSeeker } from '../../../codecs/lnt/lnt-seeker.js';
import { errorWithCode } from '../../helpers/errors.js';
import {
  makePiece,
  readItems,
  SMALL_HEADER,
  sourceOf,
  writePiece,
} from '../../helpers/lnt-files.js';

const NUM_BLOCKS = 100;
const PIECE = makePiece(SMALL_HEADER, NUM_BLOCKS * 40 - 13, 1);
const BYTES = writePiece(SMALL_HEADER, PIECE);
const ITEMS = readItems(BYTES);

async function readFrom(seeker: LntSeeker, block: number): Promise<LntItem[]> {
  const items: LntItem[] = [];
  for await (const item of seeker.read(block)) {
    items.push(item);
  }
  return items;
}

describe('LntSeeker', () => {
  it.each([
    ['with an index', BYTES],
    ['without an index', writePiece(SMALL_HEADER, PIECE, { hasIndex: false })],
    ['without an end', BYTES.subarray(0, -1)],
    ['with something behind its end', Uint8Array.of(...BYTES, 1, 2, 3)],
    ['with an index that is not true', withWrongIndex()],
    ['with bytes lost here and put in there', withMovedBytes()],
  ])('reads from every block on what a reader of the whole file finds: %s', async (_, bytes) => {
    const whole = readItems(bytes);
    const seeker = await LntSeeker.open(sourceOf(bytes));
    expect(seeker.header).toEqual(SMALL_HEADER);
    expect(seeker.numBlocks).toBe(NUM_BLOCKS);
    expect(seeker.numSamples).toBe(PIECE.numSamples);
    expect(await readFrom(seeker, 0)).toEqual(whole);
    for (let block = 1; block < NUM_BLOCKS; block += 7) {
      const start = whole.findIndex((item) => numberOf(item) === block);
      expect(await readFrom(seeker, block)).toEqual(whole.slice(start));
    }
  });

  it('reads little of a long file for a block in it', async () => {
    const long = writePiece(SMALL_HEADER, makePiece(SMALL_HEADER, 400_000, 1));
    const source = sourceOf(long);
    const seeker = await LntSeeker.open(source);
    const first = await seeker.read(9_000).next();
    expect(first.value).toMatchObject({ type: 'block', number: 9_000 });
    // the index, and one piece
    expect(source.numRead).toBeLessThan(20_000 + 2 ** 15 + 200);
    expect(source.numRead).toBeLessThan(long.length / 5);
  });

  it('tells of damage, also where nothing of a block is left', async () => {
    const [second, fifth] = [ITEMS[1], ITEMS[4]] as (LntItem & { type: 'block' })[];
    const damaged = BYTES.slice();
    damaged[second!.offset + 9]! ^= 1;
    const seeker = await LntSeeker.open(sourceOf(damaged));
    expect(await readFrom(seeker, 1)).toEqual(readItems(damaged).slice(1));
    const missing = Buffer.concat([
      BYTES.subarray(0, second!.offset),
      BYTES.subarray(fifth!.offset),
    ]);
    const found = await readFrom(await LntSeeker.open(sourceOf(missing)), 2);
    expect(found[0]).toMatchObject({ type: 'damage', firstBlock: 2, numBlocks: 2 });
    expect(found[1]).toMatchObject({ type: 'block', number: 4 });
  });

  it('reads version 1', async () => {
    const bytes = new Uint8Array(readFileSync('test/golden/lnt/version-1.lnt'));
    const seeker = await LntSeeker.open(sourceOf(bytes));
    expect([seeker.numBlocks, seeker.numSamples]).toEqual([2, 24_100]);
    expect(await readFrom(seeker, 1)).toEqual(readItems(bytes).slice(1));
  });

  it('refuses blocks that the file does not have, and what is no .lnt file', async () => {
    const seeker = await LntSeeker.open(sourceOf(BYTES));
    for (const block of [-1, 0.5, NUM_BLOCKS]) {
      expect(() => seeker.read(block)).toThrow(errorWithCode('OPTION_INVALID'));
    }
    const open = (bytes: Uint8Array) => LntSeeker.open(sourceOf(bytes));
    const invalid = errorWithCode('BITSTREAM_INVALID');
    await expect(open(new Uint8Array(0))).rejects.toThrow(invalid);
    await expect(open(new Uint8Array(100))).rejects.toThrow(invalid);
    await expect(open(BYTES.subarray(0, 50))).rejects.toThrow(errorWithCode('BITSTREAM_TRUNCATED'));
  });
});

function numberOf(item: LntItem): number | undefined {
  return item.type === 'block' ? item.number : item.type === 'damage' ? item.firstBlock : undefined;
}

/** Something put in, so that the index, whose checksum is right, leads astray. */
function withWrongIndex(): Uint8Array {
  const { offset } = ITEMS[1] as LntItem & { type: 'block' };
  return Uint8Array.of(...BYTES.subarray(0, offset), 1, 2, 3, ...BYTES.subarray(offset));
}

/** As long as it was, but the blocks between two places lie elsewhere. */
function withMovedBytes(): Uint8Array {
  const [lost, added] = [ITEMS[3], ITEMS[60]] as (LntItem & { type: 'block' })[];
  return Uint8Array.of(
    ...BYTES.subarray(0, lost!.offset),
    ...BYTES.subarray(lost!.offset + 5, added!.offset),
    ...[1, 2, 3, 4, 5],
    ...BYTES.subarray(added!.offset),
  );
}
