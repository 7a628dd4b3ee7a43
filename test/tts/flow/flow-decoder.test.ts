import { float32, int32, Runtime, streamStates, Weights } from '../../../kernels/index.js';
import {
  buildFlowGraph,
  FlowDecoder,
  readFlowConfig,
  type FlowConfig,
  type FlowToken,
} from '../../../tts/flow/index.js';
import { loadGolden, type Golden } from '../../helpers/golden.js';
import { relativeRms } from '../../helpers/signal.js';

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
    await check(await loadGolden('flow', 'real'));
  }, 60_000);
});

describe('FlowDecoder', () => {
  const tokens = Array.from({ length: 23 }, (_, index) =>
    flowToken((index * 7) % 48, 1 + (index % 40)),
  );

  async function speak(
    cut: readonly number[],
    seed = 1,
    voice = 'first',
    input: readonly FlowToken[] = tokens,
  ): Promise<number[]> {
    const flow = await FlowDecoder.create(runtime, tiny.weights, readFlowConfig(tiny.configPath));
    const stream = flow.stream({ voice, seed });
    const latents: number[] = [];
    let start = 0;
    for (const size of cut) {
      latents.push(...(await stream.push(input.slice(start, start + size))));
      start += size;
    }
    latents.push(...(await stream.push(input.slice(start), true)));
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

  it('gives something else for other phones', async () => {
    const others = tokens.map(({ token }) => flowToken(token, 41));
    expect(await speak([], 1, 'first', others)).not.toEqual(await speak([]));
  });

  it('withholds what the look-ahead can still change, and no more', async () => {
    const flow = await FlowDecoder.create(runtime, tiny.weights, readFlowConfig(tiny.configPath));
    const stream = flow.stream({ voice: 'first', seed: 1 });
    expect(await stream.push([1, 2, 3].map((token) => flowToken(token, 5)))).toHaveLength(0);
    expect(await stream.push([4, 5].map((token) => flowToken(token, 6)))).toHaveLength(2 * 2 * 12);
    expect(await stream.push([], true)).toHaveLength(3 * 2 * 12);
    await flow.close();
  });
});

async function check({ configPath, weights, tensors }: Golden): Promise<void> {
  const sizes: FlowConfig = readFlowConfig(configPath);
  const { model, numStates } = buildFlowGraph(new Weights(weights), sizes);
  const session = await runtime.load('flow', model, { stateNames: streamStates(numStates) });
  const padded = (name: string, padding: number) => {
    const given = tensors.get(name)!.data as Int32Array;
    const data = [...given, ...Array<number>(sizes.lookahead).fill(padding)];
    return int32([1, data.length], data);
  };
  const noise = tensors.get('in.noise')!;
  const { latents } = await session.runWithState(
    {
      tokens: padded('in.tokens', sizes.padToken),
      phones: padded('in.phones', 0),
      skip: int32([1], [sizes.lookahead]),
      voice: tensors.get('in.voice')!,
      noise: float32([1, ...noise.shape], noise.data as Float32Array),
    },
    session.newState(),
  );
  expect(relativeRms(tensors.get('out.z')!.data, latents!.data)).toBeLessThan(TOLERANCE);
  await session.close();
}

function flowToken(token: number, phone: number): FlowToken {
  return { token, phone };
}
