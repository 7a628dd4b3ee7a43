import { causalConv, convNextBlock, depthwiseConv, linear } from '../../kernels/index.js';
import { causalConvNaive, depthwiseConvNaive } from '../../kernels/causal-conv/naive.js';
import { convNextNaive, geluNaive } from '../../kernels/convnext/naive.js';
import { linearNaive } from '../../kernels/linear/naive.js';
import { noise, relativeRms } from '../helpers/signal.js';
import { inPieces, randomWeights, runStream } from './run-graph.js';

const TOLERANCE = 1e-5; // float32 against float64
const LENGTHS = [1, 2, 63, 100];

describe('linear', () => {
  it.each(LENGTHS)('matches the reference on %i frames', async (length) => {
    const weights = randomWeights({ weight: [5, 7], bias: [5] });
    const x = noise(length * 7, 3);
    const y = await runStream((graph, value) => linear(graph, value, weights), 7, [x]);
    const { data } = weights.get('weight', 2);
    const expected = linearNaive(x, data, weights.get('bias', 1).data, 7);
    expect(relativeRms(expected, y)).toBeLessThan(TOLERANCE);
  });

  it('needs no bias', async () => {
    const weights = randomWeights({ weight: [2, 3] });
    const x = noise(3, 3);
    const y = await runStream((graph, value) => linear(graph, value, weights), 3, [x]);
    const expected = linearNaive(x, weights.get('weight', 2).data, undefined, 3);
    expect(relativeRms(expected, y)).toBeLessThan(TOLERANCE);
  });
});

describe('causalConv', () => {
  it.each([
    { kernel: 3, stride: 1, length: 1, chunk: 1 },
    { kernel: 3, stride: 1, length: 63, chunk: 1 }, // the history is longer than a chunk
    { kernel: 3, stride: 1, length: 63, chunk: 10 },
    { kernel: 1, stride: 1, length: 5, chunk: 2 }, // no history at all
    { kernel: 4, stride: 2, length: 2, chunk: 2 },
    { kernel: 4, stride: 2, length: 100, chunk: 2 },
    { kernel: 4, stride: 2, length: 100, chunk: 34 },
    { kernel: 6, stride: 2, length: 64, chunk: 64 },
  ])('matches the reference: %j', async ({ kernel, stride, length, chunk }) => {
    const weights = randomWeights({ weight: [5, 3, kernel], bias: [5] });
    const x = noise(length * 3, 4);
    const y = await runStream(
      (graph, value) => causalConv(graph, value, weights, stride),
      3,
      inPieces(x, 3, chunk),
    );
    const sizes = { inDim: 3, kernel, stride };
    const { data } = weights.get('weight', 3);
    const expected = causalConvNaive(x, data, weights.get('bias', 1).data, sizes);
    expect(relativeRms(expected, y)).toBeLessThan(TOLERANCE);
  });

  it('refuses a kernel that is no multiple of the stride', async () => {
    const weights = randomWeights({ weight: [5, 3, 3], bias: [5] });
    const run = runStream((graph, value) => causalConv(graph, value, weights, 2), 3, []);
    await expect(run).rejects.toMatchObject({ code: 'GRAPH_INVALID' });
  });
});

describe('depthwiseConv', () => {
  it.each([
    { length: 1, chunk: 1 },
    { length: 63, chunk: 1 },
    { length: 63, chunk: 4 },
    { length: 100, chunk: 100 },
  ])('matches the reference: %j', async ({ length, chunk }) => {
    const weights = randomWeights({ weight: [6, 1, 7], bias: [6] });
    const x = noise(length * 6, 5);
    const y = await runStream(
      (graph, value) => depthwiseConv(graph, value, weights),
      6,
      inPieces(x, 6, chunk),
    );
    const expected = depthwiseConvNaive(
      x,
      weights.get('weight', 3).data,
      weights.get('bias', 1).data,
    );
    expect(relativeRms(expected, y)).toBeLessThan(TOLERANCE);
  });
});

const BLOCK = {
  'dw.weight': [6, 1, 7],
  'dw.bias': [6],
  'norm.weight': [6],
  'norm.bias': [6],
  'up.weight': [18, 6],
  'up.bias': [18],
  'down.weight': [6, 18],
  'down.bias': [6],
  gamma: [6],
  'cond.weight': [12, 4],
  'cond.bias': [12],
};

describe('convNextBlock', () => {
  const weights = randomWeights(BLOCK);

  it.each([
    { length: 1, chunk: 1 },
    { length: 63, chunk: 2 },
    { length: 63, chunk: 63 },
    { length: 100, chunk: 41 },
  ])('matches the reference: %j', async ({ length, chunk }) => {
    const x = noise(length * 6, 6);
    const y = await runStream(
      (graph, value) => convNextBlock(graph, value, weights),
      6,
      inPieces(x, 6, chunk),
    );
    expect(relativeRms(convNextNaive(x, weights), y)).toBeLessThan(TOLERANCE);
  });

  it.each(LENGTHS)('matches the reference without causality on %i frames', async (length) => {
    const x = noise(length * 6, 7);
    const y = await runStream(
      (graph, value) => convNextBlock(graph, value, weights, { isCausal: false }),
      6,
      [x],
    );
    expect(relativeRms(convNextNaive(x, weights, false), y)).toBeLessThan(TOLERANCE);
  });

  it.each([1, 63])('matches the reference under %i frames of a condition', async (length) => {
    const x = noise(63 * 6, 8);
    const data = noise(length * 4, 9);
    const y = await runStream(
      (graph, value) => {
        const condition = graph.constant({ dtype: 'float32', shape: [1, length, 4], data });
        return convNextBlock(graph, value, weights, { condition });
      },
      6,
      [x],
    );
    expect(relativeRms(convNextNaive(x, weights, true, data), y)).toBeLessThan(TOLERANCE);
  });

  it('has a reference with the exact GELU', () => {
    // x Phi(x) with Phi from tables
    expect(geluNaive(0)).toBe(0);
    expect(geluNaive(1)).toBeCloseTo(0.8413447460685429, 12);
    expect(geluNaive(-3)).toBeCloseTo(-3 * 0.0013498980316300946, 12);
    expect(geluNaive(5)).toBeCloseTo(5 * 0.9999997133484281, 12);
  });
});
