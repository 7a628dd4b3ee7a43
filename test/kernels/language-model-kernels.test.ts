import {
  addRmsNorm,
  embedding,
  float32,
  fusedLinear,
  gatedLinearAttention,
  GraphBuilder,
  linear,
  rmsNorm,
  Runtime,
  sampleToken,
  swiGlu,
  Weights,
  type TensorLike,
  type Tensors,
} from '../../kernels/index.js';
import { embeddingNaive } from '../../kernels/embedding/naive.js';
import { gatedLinearAttentionNaive } from '../../kernels/gated-linear-attention/naive.js';
import { linearNaive } from '../../kernels/linear/naive.js';
import { rmsNormNaive } from '../../kernels/rms-norm/naive.js';
import { sampleTokenNaive } from '../../kernels/sampling/naive.js';
import { swiGluNaive } from '../../kernels/swiglu/naive.js';
import { relativeRms } from '../helpers/signal.js';

const TOLERANCE = 1e-5; // float32 against float64

let runtime: Runtime;

beforeAll(async () => {
  runtime = await Runtime.create({ device: 'cpu', threads: 1 });
});

afterAll(() => runtime.close());

/** Numbers in (-1, 1) that look random and are the same in every run. */
function noise(length: number, seed: number): Float32Array {
  return Float32Array.from({ length }, (_, index) => {
    const x = Math.sin((index + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    return 2 * (x - Math.floor(x)) - 1;
  });
}

function weightsOf(entries: Record<string, [number[], Float32Array]>): Weights {
  const tensors: Tensors = new Map();
  for (const [name, [shape, data]] of Object.entries(entries)) {
    tensors.set(name, float32(shape, data));
  }
  return new Weights(tensors);
}

async function run(
  graph: GraphBuilder,
  feeds: Record<string, TensorLike>,
): Promise<Record<string, TensorLike>> {
  const session = await runtime.load('test', graph.build());
  const outputs = await session.run(feeds);
  await session.close();
  return outputs;
}

function expectClose(actual: TensorLike, expected: Float64Array): void {
  expect(relativeRms(expected, actual.data)).toBeLessThan(TOLERANCE);
}

describe.each([1, 7, 63])('with %d steps', (steps) => {
  const channels = 24;

  it('rmsNorm equals its reference', async () => {
    const weight = noise(channels, 1);
    const x = noise(steps * channels, 2);
    const graph = new GraphBuilder('test');
    const input = graph.input('x', 'float32', ['B', 'T', channels]);
    graph.output('y', rmsNorm(graph, input, weightsOf({ weight: [[channels], weight] })));
    const { y } = await run(graph, { x: float32([1, steps, channels], x) });
    expectClose(y!, rmsNormNaive(x, weight));
  });

  it('addRmsNorm equals its reference', async () => {
    const [weight, x] = [noise(channels, 1), noise(steps * channels, 2)];
    const change = noise(steps * channels, 3);
    const graph = new GraphBuilder('test');
    const inputs = ['x', 'change'].map((name) =>
      graph.input(name, 'float32', ['B', 'T', channels]),
    );
    const weights = weightsOf({ weight: [[channels], weight] });
    const { sum, normed } = addRmsNorm(graph, inputs[0]!, inputs[1]!, weights);
    graph.output('sum', sum);
    graph.output('normed', normed);
    const shape = [1, steps, channels];
    const outputs = await run(graph, { x: float32(shape, x), change: float32(shape, change) });
    const expected = Float64Array.from(x, (value, index) => value + change[index]!);
    expectClose(outputs['sum']!, expected);
    expectClose(outputs['normed']!, rmsNormNaive(expected, weight));
  });

  it('linear equals its reference, negated or not', async () => {
    const [weight, bias] = [noise(5 * channels, 6), noise(5, 7)];
    const x = noise(steps * channels, 8);
    const weights = weightsOf({ weight: [[5, channels], weight], bias: [[5], bias] });
    const graph = new GraphBuilder('test');
    const input = graph.input('x', 'float32', ['T', channels]);
    graph.output('plain', linear(graph, input, weights));
    graph.output('negative', linear(graph, input, weights, { isNegated: true }));
    const outputs = await run(graph, { x: float32([steps, channels], x) });
    const expected = linearNaive(x, weight, bias, channels);
    expectClose(outputs['plain']!, expected);
    expectClose(
      outputs['negative']!,
      expected.map((value) => -value),
    );
  });

  it('swiGlu equals its reference', async () => {
    const hidden = 10;
    const gateUp = noise(2 * hidden * channels, 3);
    const down = noise(channels * hidden, 4);
    const x = noise(steps * channels, 5);
    const graph = new GraphBuilder('test');
    const weights = weightsOf({
      'gate_up.weight': [[2 * hidden, channels], gateUp],
      'down.weight': [[channels, hidden], down],
    });
    graph.output('y', swiGlu(graph, graph.input('x', 'float32', [1, 'T', channels]), weights));
    const { y } = await run(graph, { x: float32([1, steps, channels], x) });
    expectClose(y!, swiGluNaive(x, gateUp, down, channels));
  });

  it('fusedLinear equals layers on their own', async () => {
    const [first, second] = [noise(5 * channels, 6), noise(3 * channels, 7)];
    const x = noise(steps * channels, 8);
    const graph = new GraphBuilder('test');
    const weights = weightsOf({
      'a.weight': [[5, channels], first],
      'b.weight': [[3, channels], second],
    });
    const input = graph.input('x', 'float32', ['T', channels]);
    const [a, b] = fusedLinear(graph, input, [weights.at('a'), weights.at('b')]);
    graph.output('a', a!);
    graph.output('b', b!);
    const outputs = await run(graph, { x: float32([steps, channels], x) });
    expectClose(outputs['a']!, linearNaive(x, first, undefined, channels));
    expectClose(outputs['b']!, linearNaive(x, second, undefined, channels));
  });

  it('embedding equals its reference', async () => {
    const table = noise(9 * channels, 9);
    const indices = Array.from({ length: steps }, (_, index) => (index * 5) % 9);
    const graph = new GraphBuilder('test');
    const input = graph.input('i', 'int32', ['T']);
    graph.output('y', embedding(graph, input, weightsOf({ weight: [[9, channels], table] })));
    const { y } = await run(graph, {
      i: { dtype: 'int32', shape: [steps], data: Int32Array.from(indices) },
    });
    expectClose(y!, embeddingNaive(indices, table, channels));
  });

  it('gatedLinearAttention equals its reference', async () => {
    const sizes = { numHeads: 2, keyDim: 6, valueDim: 5 };
    const { numHeads, keyDim, valueDim } = sizes;
    const [query, key] = [noise(steps * 12, 10), noise(steps * 12, 11)];
    const [value, state] = [noise(steps * 10, 12), noise(numHeads * keyDim * valueDim, 13)];
    const decay = noise(steps * 12, 14).map((x) => -Math.abs(x));
    const graph = new GraphBuilder('test');
    const input = (name: string, width: number) => graph.input(name, 'float32', [1, steps, width]);
    const result = gatedLinearAttention(
      graph,
      {
        query: input('query', 12),
        key: input('key', 12),
        value: input('value', 10),
        decay: input('decay', 12),
        state: graph.input('state', 'float32', [1, numHeads, keyDim, valueDim]),
      },
      numHeads,
    );
    graph.output('output', result.output);
    graph.output('next', result.state);
    const outputs = await run(graph, {
      query: float32([1, steps, 12], query),
      key: float32([1, steps, 12], key),
      value: float32([1, steps, 10], value),
      decay: float32([1, steps, 12], decay),
      state: float32([1, numHeads, keyDim, valueDim], state),
    });
    const expected = gatedLinearAttentionNaive(query, key, value, decay, state, sizes);
    expectClose(outputs['output']!, expected.output);
    expectClose(outputs['next']!, expected.state);
  });
});

describe('sampleToken', () => {
  async function sample(
    logits: Float32Array[],
    options: { topK?: number; topP?: number; temperature: number },
    uniform: number[],
  ): Promise<number[]> {
    const classes = logits[0]!.length;
    const batch = logits.length;
    const graph = new GraphBuilder('test');
    const { temperature, ...limits } = options;
    const { token: drawn } = sampleToken(graph, graph.input('logits', 'float32', ['B', classes]), {
      ...limits,
      temperature: graph.input('temperature', 'float32', ['B', 1]),
      noise: graph.input('noise', 'float32', ['B', 1]),
    });
    graph.output('token', graph.cast(drawn, 'int32'));
    const flat = new Float32Array(batch * classes);
    logits.forEach((row, index) => {
      flat.set(row, index * classes);
    });
    const { token } = await run(graph, {
      logits: float32([batch, classes], flat),
      temperature: float32([batch, 1], new Float32Array(batch).fill(temperature)),
      noise: float32([batch, 1], Float32Array.from(uniform)),
    });
    return [...(token!.data as Int32Array)];
  }

  it.each([
    { temperature: 1 },
    { temperature: 0.5, topK: 5 },
    { temperature: 2, topP: 0.7 },
    { temperature: 0.8, topK: 20, topP: 0.9 },
    { temperature: 1, topP: 1e-6 },
    { temperature: 1, topK: 1 },
  ])('draws what its reference draws with %j', async (options) => {
    const rows = Array.from({ length: 40 }, (_, row) => noise(63, row).map((x) => 4 * x));
    const uniform = rows.map((_, row) => (row + 0.5) / rows.length);
    const expected = rows.map((row, index) => {
      return sampleTokenNaive(row, { ...options, noise: uniform[index]! });
    });
    expect(await sample(rows, options, uniform)).toEqual(expected);
  });

  it('draws what its reference draws from more classes than are sorted at once', async () => {
    const rows = Array.from({ length: 24 }, (_, row) => noise(4100, row).map((x) => 9 * x));
    // equal ones in both parts: the first comes first
    for (const row of rows) {
      row.set([9.5, 9.5, 9.5], 2048);
      row.set([9.5, 9.5], 7);
    }
    const uniform = rows.map((_, row) => (row + 0.5) / rows.length);
    const options = { temperature: 0.9, topK: 50, topP: 0.95 };
    const expected = rows.map((row, index) =>
      sampleTokenNaive(row, { ...options, noise: uniform[index]! }),
    );
    expect(await sample(rows, options, uniform)).toEqual(expected);
    expect(new Set(expected).size).toBeGreaterThan(5);
  });

  it('draws by probability', async () => {
    const row = Float32Array.from([0.25, 0.5, 0.25].map(Math.log));
    const uniform = [0.1, 0.24, 0.26, 0.49, 0.51, 0.74, 0.76, 0.99];
    const rows = uniform.map(() => row);
    // in their order; with a limit the largest comes first, and equal ones in their order
    const plain = [0, 0, 1, 1, 1, 1, 2, 2];
    expect(await sample(rows, { temperature: 1 }, uniform)).toEqual(plain);
    const limited = { temperature: 1, topP: 0.999 };
    expect(await sample(rows, limited, uniform)).toEqual([1, 1, 1, 1, 0, 0, 2, 2]);
  });
});
