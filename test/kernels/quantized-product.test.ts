import {
  blockQuantizedProduct,
  denseProduct,
  float32,
  GraphBuilder,
  rowQuantizedProduct,
  type DenseMatrix,
  type Value,
  type WeightFormat,
} from '../../kernels/index.js';
import { quantizedProductNaive } from '../../kernels/quantized-product/naive.js';
import { noise, relativeRms } from '../helpers/signal.js';
import { cpu, runStream } from './run-graph.js';

/** Rounding a half up or to even, and scales in float32, may move single steps of 127. */
const TOLERANCE = 2e-3;
const SHAPES = [
  { length: 1, into: 64, out: 5 },
  { length: 3, into: 33, out: 7 }, // the last block is nearly empty
  { length: 63, into: 96, out: 40 },
  { length: 40, into: 256, out: 70 },
];

function matrixOf(into: number, out: number): DenseMatrix {
  // columns and blocks of very different sizes, so that a wrong scale shows
  const data = noise(into * out, 9).map(
    (value, index) => value * (1 + (index % out) + (index >> 9)),
  );
  return { data, into, out };
}

/** Rows of different sizes, one of them all zeros. */
function rowsOf(length: number, into: number): Float32Array {
  return noise(length * into, 5).map((value, index) => {
    const row = Math.floor(index / into);
    return row === 1 ? 0 : value * (1 + row);
  });
}

describe('blockQuantizedProduct', () => {
  it.each(SHAPES.flatMap((shape) => [4, 8].map((bits) => ({ ...shape, bits: bits as 4 | 8 }))))(
    'matches the reference: %j',
    async ({ length, into, out, bits }) => {
      const matrix = matrixOf(into, out);
      const x = rowsOf(length, into);
      const product = (g: GraphBuilder, v: Value) =>
        blockQuantizedProduct(g, v, 'w', () => matrix, { bits });
      const y = await runStream(product, into, [x]);
      expect(relativeRms(quantizedProductNaive(x, matrix, bits), y)).toBeLessThan(TOLERANCE);
    },
  );
});

describe('rowQuantizedProduct', () => {
  const product = (matrix: DenseMatrix) => (g: GraphBuilder, x: Value) =>
    rowQuantizedProduct(g, x, 'w', () => matrix);

  it.each(SHAPES)('matches the reference: %j', async ({ length, into, out }) => {
    const matrix = matrixOf(into, out);
    const x = rowsOf(length, into);
    const y = await runStream(product(matrix), into, [x]);
    expect(relativeRms(quantizedProductNaive(x, matrix), y)).toBeLessThan(TOLERANCE);
  });

  it('gives each row the same bits, whatever is beside it', async () => {
    const matrix = matrixOf(96, 40);
    const x = rowsOf(63, 96);
    const whole = await runStream(product(matrix), 96, [x]);
    const pieces = Array.from({ length: 63 }, (_, row) => x.subarray(row * 96, (row + 1) * 96));
    expect(await runStream(product(matrix), 96, pieces)).toEqual(whole);
  });

  it('takes the largest products of bytes without saturating', async () => {
    const matrix = { data: new Float32Array(64 * 3).fill(1), into: 64, out: 3 };
    const x = new Float32Array(64).fill(2);
    const y = await runStream(product(matrix), 64, [x]);
    y.forEach((value) => {
      expect(value).toBeCloseTo(128, 3);
    });
  });
});

describe('denseProduct', () => {
  async function run(
    format: WeightFormat,
    { into, out }: { into: number; out: number },
    bias?: Float32Array,
  ) {
    const matrix = matrixOf(into, out);
    const graph = new GraphBuilder('test', format);
    const x = graph.input('x', 'float32', ['B', into]);
    const added = bias && graph.constant(float32([out], bias), 'bias');
    graph.output(
      'y',
      denseProduct(graph, x, 'w', out, () => matrix, added),
    );
    const session = await (await cpu()).load('test', graph.build());
    const { y } = await session.run({ x: float32([2, into], noise(2 * into, 3)) });
    await session.close();
    return y!.data as Float32Array;
  }

  it.each([
    ['int4-blocks', 0.2],
    ['int8-rows', 0.02],
  ] as const)('rounds large matrices in %s', async (format, most) => {
    const sizes = { into: 128, out: 160 };
    const error = relativeRms(await run('float32', sizes), await run(format, sizes));
    expect(error).toBeGreaterThan(1e-4);
    expect(error).toBeLessThan(most);
  });

  it.each(['float32', 'int4-blocks', 'int8-rows'] as const)('adds a bias in %s', async (format) => {
    const sizes = { into: 128, out: 160 };
    const bias = noise(160, 4).map((value) => 100 * value);
    const without = await run(format, sizes);
    const expected = without.map((value, index) => value + bias[index % 160]!);
    expect(relativeRms(expected, await run(format, sizes, bias))).toBeLessThan(1e-6);
  });

  it('leaves small matrices as they are', async () => {
    const sizes = { into: 32, out: 16 };
    expect(await run('int8-rows', sizes)).toEqual(await run('float32', sizes));
  });
});
