import { GraphBuilder, type Value } from '../../kernels/index.js';
import { runStream } from './run-graph.js';

describe('GraphBuilder', () => {
  it.each<[string, (graph: GraphBuilder, x: Value) => unknown]>([
    ['adding 3 to 4 columns', (g, x) => g.add(x, g.input('y', 'float32', [3]))],
    ['mixing types', (g, x) => g.mul(x, g.input('y', 'int32', [4]))],
    ['a product with other inner sizes', (g, x) => g.matMul(x, g.input('y', 'float32', [5, 2]))],
    ['a reshape that loses elements', (g) => g.reshape(g.input('y', 'float32', [2, 6]), [5, 2])],
    ['joining other widths', (g, x) => g.concat([x, g.input('y', 'float32', ['B', 1, 5])], 1)],
    ['splitting 4 columns into 3', (g, x) => g.split(x, 2, [1, 2])],
    ['an axis that is not there', (g, x) => g.slice(x, 3, 0, 1)],
    ['an empty range', (g) => g.slice(g.input('y', 'float32', [4]), 0, 3, 2)],
    ['a norm of another width', (g, x) => g.layerNorm(x, g.input('y', 'float32', [5]))],
    [
      'a constant of another length',
      (g) => {
        g.constant({ dtype: 'float32', shape: [3], data: new Float32Array(2) });
      },
    ],
    ['two inputs of one name', (g) => g.input('x', 'float32', [1])],
    ['a graph without an output', (g) => g.build()],
    [
      'a state that ends',
      (g, x) => {
        g.state([4]);
        g.output('y', x);
        g.build();
      },
    ],
    [
      'a state that goes on twice',
      (g) => {
        const state = g.state([4]);
        g.nextState(state, state);
        g.nextState(state, state);
      },
    ],
  ])('refuses %s', (_, build) => {
    const graph = new GraphBuilder('test');
    const x = graph.input('x', 'float32', ['B', 'T', 4]);
    let code: unknown;
    try {
      build(graph, x);
    } catch (error) {
      code = (error as { code?: unknown }).code;
    }
    expect(code).toBe('GRAPH_INVALID');
  });

  it('knows the shapes that follow from its inputs', () => {
    const graph = new GraphBuilder('test');
    const x = graph.input('x', 'float32', ['B', 'T', 4]);
    expect(graph.transpose(x, [0, 2, 1]).shape).toEqual(['B', 4, 'T']);
    expect(graph.add(x, graph.input('y', 'float32', [5, 1, 1])).shape).toEqual([5, 'T', 4]);
    expect(graph.slice(x, 1, -3).shape).toEqual(['B', 3, 4]);
    expect(graph.slice(x, 2, 1).shape).toEqual(['B', 'T', 3]);
    expect(graph.unsqueeze(x, [0, 4]).shape).toEqual([1, 'B', 'T', 4, 1]);
    expect(graph.reshape(graph.input('z', 'float32', [2, 6]), [0, -1, 3]).shape).toEqual([2, 2, 3]);
    expect(graph.reduce('ReduceSum', x, 1, false).shape).toEqual(['B', 4]);
    expect(graph.argMax(x, -1, true).shape).toEqual(['B', 'T', 1]);
  });

  it.each<[string, (graph: GraphBuilder, x: Value) => Value, number[]]>([
    ['arithmetic', (g, x) => g.div(g.sub(g.mul(g.add(x, 1), 3), x), 2), [2.5, 3.5, 4.5, 5.5]],
    ['comparison', (g, x) => g.where(g.less(x, 3), x, -1), [1, 2, -1, -1]],
    ['limits', (g, x) => g.max(g.min(x, 3), 2), [2, 2, 3, 3]],
    ['padding', (g, x) => g.padZeros(g.slice(x, 2, 1, 3), 2, 1, 1), [0, 2, 3, 0]],
    ['cumulative sums', (g, x) => g.cumSum(x, 2), [1, 3, 6, 10]],
    ['exclusive sums', (g, x) => g.cumSum(x, 2, true), [0, 1, 3, 6]],
    ['gathering', (g, x) => g.gather(x, g.ints([3, 0]), 2), [4, 1]],
    ['the largest entries', (g, x) => g.topK(x, 2)[0], [4, 3]],
    ['squeezing', (g, x) => g.squeeze(x, [1]), [1, 2, 3, 4]],
    ['conversion', (g, x) => g.cast(g.cast(g.div(x, 2), 'int32'), 'float32'), [0, 1, 1, 2]],
    ['means', (g, x) => g.reduce('ReduceMean', x, 2), [2.5]],
  ])('computes %s', async (_, build, expected) => {
    const y = await runStream(build, 4, [Float32Array.of(1, 2, 3, 4)]);
    expect(y).toEqual(expected);
  });
});
