import {
  residualLookup,
  residualQuantize,
  scalarLookup,
  scalarQuantize,
} from '../../kernels/index.js';
import { fsqTokensNaive, fsqValuesNaive } from '../../kernels/fsq/naive.js';
import { residualLookupNaive, residualQuantizeNaive } from '../../kernels/residual-vq/naive.js';
import { noise, relativeRms } from '../helpers/signal.js';
import { randomWeights, runStream } from './run-graph.js';

const TOLERANCE = 1e-5; // float32 against float64
const LENGTHS = [1, 63, 100];

describe('residual quantisation', () => {
  const shapes = {
    'input.weight': [4, 10],
    'input.bias': [4],
    'output.weight': [10, 4],
    'output.bias': [10],
    codebook: [33, 4],
  };
  const weights = randomWeights(
    Object.fromEntries(
      [0, 1, 2].flatMap((level) =>
        Object.entries(shapes).map(([name, shape]) => [`vq.${level}.${name}`, shape]),
      ),
    ),
  );
  const levels = [0, 1, 2].map((level) => weights.at(`vq.${level}`));

  it.each(LENGTHS)('chooses the codes of the reference on %i frames', async (length) => {
    const z = noise(length * 10, 5);
    const codes = await runStream((graph, value) => residualQuantize(graph, value, levels), 10, [
      z,
    ]);
    expect(codes).toEqual([...residualQuantizeNaive(z, levels, 10)]);
  });

  it.each([1, 2, 3])('looks up the sum of %i levels', async (count) => {
    const codes = residualQuantizeNaive(noise(630, 6), levels.slice(0, count), 10);
    const z = await runStream(
      (graph, value) => residualLookup(graph, value, levels),
      count,
      [Float32Array.from(codes)],
      'int32',
    );
    const expected = residualLookupNaive(codes, levels.slice(0, count));
    expect(relativeRms(expected, z)).toBeLessThan(TOLERANCE);
  });

  it('takes the entry of the nearest direction, whatever its length', () => {
    // by hand: (2, 0) lies in the direction of entry 1, though entry 0 is nearer to it
    const tensors = {
      'input.weight': Float32Array.of(1, 0, 0, 1),
      'input.bias': new Float32Array(2),
      'output.weight': Float32Array.of(1, 0, 0, 1),
      'output.bias': new Float32Array(2),
      codebook: Float32Array.of(2, 0.5, 9, 0),
    };
    const level = randomWeights({
      'input.weight': [2, 2],
      'input.bias': [2],
      'output.weight': [2, 2],
      'output.bias': [2],
      codebook: [2, 2],
    });
    for (const [name, data] of Object.entries(tensors)) {
      level.get(name, name.endsWith('bias') ? 1 : 2).data.set(data);
    }
    expect([...residualQuantizeNaive([2, 0], [level], 2)]).toEqual([1]);
  });
});

describe('finite scalar quantisation', () => {
  const levels = [4, 3, 8];

  it.each(LENGTHS)('chooses the tokens of the reference on %i frames', async (length) => {
    const h = noise(length * 3, 7).map((value) => 4 * value);
    const tokens = await runStream((graph, value) => scalarQuantize(graph, value, levels), 3, [h]);
    expect(tokens).toEqual([...fsqTokensNaive(h, levels)]);
  });

  it('keeps to the last step where the sigmoid is 1', async () => {
    const h = Float32Array.of(100, 100, 100, -100, -100, -100);
    const tokens = await runStream((graph, value) => scalarQuantize(graph, value, levels), 3, [h]);
    expect(tokens).toEqual([95, 0]);
  });

  it('looks up every token', async () => {
    const tokens = Float32Array.from({ length: 96 }, (_, token) => token);
    const values = await runStream(
      (graph, value) => scalarLookup(graph, value, levels),
      0,
      [tokens],
      'int32',
    );
    expect(relativeRms(fsqValuesNaive(tokens, levels), values)).toBeLessThan(TOLERANCE);
    // by hand: token 95 is the digits 3, 2, 7, whose steps end at 1: 7/8 * 2 - 1 = 0.75 and so on
    [0.75, 2 / 3, 0.875].forEach((value, index) => {
      expect(values[95 * 3 + index]).toBeCloseTo(value, 6);
    });
  });
});
