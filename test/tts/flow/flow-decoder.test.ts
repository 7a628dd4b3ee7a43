import {
  float32,
  Runtime,
  streamStates,
  Weights,
  type TensorLike,
} from '../../../kernels/index.js';
import {
  buildFlowGraph,
  FlowDecoder,
  readFlowConfig,
  type FlowConfig,
} from '../../../tts/flow/index.js';
import { loadGolden, relativeRms, type Golden } from '../../helpers/golden.js';

const TOLERANCE = 1e-4; // the project's own, for float32 graphs against PyTorch

let runtime: Runtime;
let tiny: Golden;

beforeAll(async () => {
  runtime = await Runtime.create({ device: 'cpu', threads: 1 });
  tiny = await loadGolden('flow', 'tiny');
});

afterAll(() => runtime.close());

describe('buildFlowGraph', () => {
  it('gives the latents that PyTorch gives', async () => {
    await check(tiny);
  });

  it('agrees with PyTorch on the real weights', async () => {
    const real = await loadGolden('flow', 'real').catch(() => undefined);
    if (real !== undefined) {
      await check(real);
    }
  }, 60_000);
});

describe('FlowDecoder', () => {
  const tokens = Array.from({ length: 23 }, (_, index) => (index * 7) % 48);

  async function speak(cut: readonly number[], seed = 1, voice = 'first'): Promise<number[]> {
    const flow = await FlowDecoder.create(runtime, tiny.weights, readFlowConfig(tiny.config));
    const stream = flow.stream({ voice, seed });
    const latents: number[] = [];
    let start = 0;
    for (const size of cut) {
      latents.push(...(await stream.push(tokens.slice(start, start + size))));
      start += size;
    }
    latents.push(...(await stream.push(tokens.slice(start), true)));
    stream.close();
    await flow.close();
    return latents;
  }

  it.each([
    { cut: [1, 1, 1, 1, 1, 1] },
    { cut: [2, 0, 5, 3] }, // the first push is shorter than the look-ahead
    { cut: [8, 8] },
    { cut: [23] }, // nothing is left for the last push
  ])('gives the same bits in pieces of $cut as in one', async ({ cut }) => {
    const whole = await speak([]);
    expect(whole).toHaveLength(tokens.length * 2 * 12);
    expect(await speak(cut)).toEqual(whole);
  });

  it('gives something else for another seed or voice', async () => {
    const base = await speak([]);
    expect(await speak([], 2)).not.toEqual(base);
    expect(await speak([], 1, 'second')).not.toEqual(base);
  });

  it('withholds what the look-ahead can still change, and no more', async () => {
    const flow = await FlowDecoder.create(runtime, tiny.weights, readFlowConfig(tiny.config));
    const stream = flow.stream({ voice: 'first', seed: 1 });
    expect(await stream.push([1, 2, 3])).toHaveLength(0);
    expect(await stream.push([4, 5])).toHaveLength(2 * 2 * 12);
    expect(await stream.push([], true)).toHaveLength(3 * 2 * 12);
    await flow.close();
  });
});

async function check({ config, weights, tensors }: Golden): Promise<void> {
  const sizes: FlowConfig = readFlowConfig(config);
  const { model, numStates } = buildFlowGraph(new Weights(weights), sizes);
  const session = await runtime.load('flow', model, { stateNames: streamStates(numStates) });
  const tokens = Int32Array.from([
    ...(tensors.get('in.tokens')!.data as Int32Array),
    ...Array<number>(sizes.lookahead).fill(sizes.padToken),
  ]);
  const noise = tensors.get('in.noise')!;
  const integers = (data: Int32Array, shape: number[]): TensorLike => {
    return { dtype: 'int32', shape, data };
  };
  const { latents } = await session.runWithState(
    {
      tokens: integers(tokens, [1, tokens.length]),
      skip: integers(Int32Array.of(sizes.lookahead), [1]),
      voice: integers(tensors.get('in.voice')!.data as Int32Array, [1]),
      noise: float32([1, ...noise.shape], noise.data as Float32Array),
    },
    session.newState(),
  );
  expect(relativeRms(latents!, tensors.get('out.z')!)).toBeLessThan(TOLERANCE);
  await session.close();
}
