import {
  float32,
  GraphBuilder,
  int32,
  Runtime,
  SlotPool,
  streamStates,
} from '../../kernels/index.js';
import { noise } from '../helpers/signal.js';
import { randomWeights } from './run-graph.js';
import { convNextBlock } from '../../kernels/index.js';

/** A running sum of two numbers a step, which begins at `start`. */
function sumGraph(): Uint8Array {
  const graph = new GraphBuilder('sum', 'float32', true);
  const start = graph.input('start', 'float32', ['B', 2]);
  const state = graph.state([2], 'B', start);
  const y = graph.add(state, graph.input('x', 'float32', ['B', 2]));
  graph.output('y', y);
  graph.nextState(state, y);
  return graph.build();
}

/** A pool, and what to run one or several of its slots by. */
class Sums {
  readonly pool: SlotPool;

  constructor(pool: SlotPool) {
    this.pool = pool;
  }

  open() {
    return this.pool.open();
  }

  /** Adds a number to each slot's sum; the rows of others get one too. @returns The sums. */
  async add(slots: readonly ReturnType<SlotPool['open']>[], x: number, start = 0) {
    const { y } = await this.pool.run(slots, (numRows) => ({
      x: float32([numRows, 2], new Float32Array(2 * numRows).fill(x)),
      start: float32([numRows, 2], new Float32Array(2 * numRows).fill(start)),
    }));
    return slots.map(({ row }) => (y!.data as Float32Array)[2 * row]);
  }
}

describe('SlotPool', () => {
  let runtime: Runtime;
  let sums: Sums;

  beforeAll(async () => {
    runtime = await Runtime.create({ device: 'cpu', threads: 1, slots: true });
  });

  beforeEach(async () => {
    const session = await runtime.load('sum', sumGraph(), { stateNames: streamStates(1) });
    sums = new Sums(new SlotPool(session));
  });

  afterAll(() => runtime.close());

  it('lets the states of those go on that take part, and of no others', async () => {
    const [a, b] = [sums.open(), sums.open()];
    expect(await sums.add([a, b], 1)).toEqual([1, 1]);
    expect(await sums.add([a], 10)).toEqual([11]);
    expect(await sums.add([b, a], 100)).toEqual([101, 111]);
  });

  it('begins with the start value, at the first run of a slot only', async () => {
    const [a, b] = [sums.open(), sums.open()];
    expect(await sums.add([a], 1, 1000)).toEqual([1001]);
    expect(await sums.add([a, b], 1, 5000)).toEqual([1002, 5001]);
    a.reset();
    expect(await sums.add([a, b], 1, 7)).toEqual([8, 5002]);
  });

  it('keeps the states when it grows', async () => {
    const first = Array.from({ length: 8 }, () => sums.open());
    expect(sums.pool.numRows).toBe(8);
    for (const [index, slot] of first.entries()) {
      await sums.add([slot], index);
    }
    const more = sums.open();
    expect(sums.pool.numRows).toBe(16);
    expect(more.row).toBe(8);
    expect(await sums.add([...first, more], 100)).toEqual([
      ...first.map((_, index) => 100 + index),
      100,
    ]);
    const bytes = await first[3]!.snapshot();
    expect([...new Float32Array(bytes.buffer)]).toEqual([103, 103]);
  });

  it('begins anew in a row that another stream left, NaN or not', async () => {
    const [a, b] = [sums.open(), sums.open()];
    await sums.add([a, b], 1);
    expect(await sums.add([a], NaN)).toEqual([NaN]);
    a.close();
    const again = sums.open();
    expect(again.row).toBe(a.row);
    expect(await sums.add([again, b], 1)).toEqual([1, 2]);
    // a second close must not take the row from its new stream
    a.close();
    expect(sums.open().row).not.toBe(again.row);
  });

  it('refuses a slot that was closed, and leaves all as they were', async () => {
    const [a, b] = [sums.open(), sums.open()];
    await sums.add([a, b], 1);
    a.close();
    await expect(sums.add([a, b], 1)).rejects.toMatchObject({ code: 'STATE_INVALID' });
    await expect(a.snapshot()).rejects.toMatchObject({ code: 'STATE_INVALID' });
    expect(await sums.add([b], 1)).toEqual([2]);
  });

  it('does runs that are asked for at once one after the other', async () => {
    const [a, b] = [sums.open(), sums.open()];
    const runs = [sums.add([a], 1), sums.add([b], 2), sums.add([a, b], 4)];
    expect(await Promise.all(runs)).toEqual([[1], [2], [5, 6]]);
  });
});

describe('convNextBlock with slots', () => {
  it('hears nothing of a token that stands for none, as before the first', async () => {
    const shapes = {
      'dw.weight': [3, 1, 4],
      'dw.bias': [3],
      'norm.weight': [3],
      'norm.bias': [3],
      'up.weight': [5, 3],
      'up.bias': [5],
      'down.weight': [3, 5],
      'down.bias': [3],
      gamma: [3],
    };
    const graph = new GraphBuilder('block', 'float32', true);
    const x = graph.input('x', 'float32', ['B', 2, 3]);
    const heard = graph.input('heard', 'float32', ['B', 2, 1]);
    graph.output('y', convNextBlock(graph, x, randomWeights(shapes), { heard }));
    const runtime = await Runtime.create({ device: 'cpu', threads: 1 });
    const session = await runtime.load('block', graph.build(), { stateNames: streamStates(1) });
    const run = async (frames: Float32Array, mask: number[]) => {
      const { next_state_0: next, y } = await session.run({
        x: float32([1, 2, 3], frames),
        heard: float32([1, 2, 1], Float32Array.from(mask)),
        fresh: int32([1], [1]),
        active: int32([1], [1]),
        state_0: float32([1, 3, 3], noise(9, 5)),
      });
      return [[...(next!.data as Float32Array)], [...(y!.data as Float32Array)].slice(3)];
    };
    const frames = noise(6, 3);
    const others = Float32Array.from(frames);
    others.set([9, 9, 9]);
    expect(await run(others, [0, 1])).toEqual(await run(frames, [0, 1]));
    expect(await run(others, [1, 1])).not.toEqual(await run(frames, [1, 1]));
    await runtime.close();
  });
});
