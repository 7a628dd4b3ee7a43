import { ChunkSizes } from '../../../tts/pipeline/chunk-sizes.js';

function firstOf(sizes: ChunkSizes, count: number): number[] {
  return Array.from({ length: count }, () => {
    const { next } = sizes;
    sizes.grow();
    return next;
  });
}

describe('the sizes of chunks', () => {
  it('begin small for a lone stream and grow by half, to a second', () => {
    expect(firstOf(new ChunkSizes(() => 1), 8)).toEqual([3, 5, 8, 12, 18, 25, 25, 25]);
  });

  it('begin larger among many streams, but never above a second', () => {
    expect(firstOf(new ChunkSizes(() => 9), 3)).toEqual([13, 20, 25]);
    expect(new ChunkSizes(() => 100).next).toBe(25);
  });

  it('begin anew with as many streams as there are then', () => {
    let numListeners = 1;
    const sizes = new ChunkSizes(() => numListeners);
    firstOf(sizes, 4);
    numListeners = 7;
    sizes.restart();
    expect(sizes.next).toBe(11);
  });
});
