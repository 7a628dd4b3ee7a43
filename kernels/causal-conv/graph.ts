import { SpeechError } from '../../base/errors.js';
import { vector } from '../linear/graph.js';
import { denseProduct } from '../linear/product.js';
import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { Value } from '../onnx/graph.js';
import type { Weights } from '../onnx/weights.js';

/**
 * Dense convolution over time that never looks ahead. It is a matrix product over the frames that a
 * tap sees side by side, because ONNX's `Conv` in one dimension rounds differently for different
 * lengths, and then streaming would not give the whole's tokens.
 *
 * Adds a state `[B, kernel - stride, I]`: the frames before the first, zeros at the start.
 *
 * @param graph - The graph to add to.
 * @param x - `[B, T, I]`; `T` a multiple of `stride`.
 * @param weights - `weight [O, I, kernel]` and `bias [O]`; `kernel` a multiple of `stride`.
 * @param stride - Frames that one result advances by.
 * @returns `[B, T / stride, O]`.
 */
export function causalConv(graph: GraphBuilder, x: Value, weights: Weights, stride = 1): Value {
  const { data, shape } = weights.get('weight', 3);
  const [out, into, kernel] = shape as [number, number, number];
  if (kernel % stride !== 0) {
    throw new SpeechError('GRAPH_INVALID', `A kernel of ${kernel} is no multiple of ${stride}.`);
  }
  let frames = x;
  if (kernel > stride) {
    const state = graph.state([kernel - stride, into], x.shape[0]);
    frames = graph.concat([state, x], 1);
    graph.nextState(state, graph.slice(frames, 1, -(kernel - stride)));
  }
  // groups of `stride` frames are one row; a tap then is one row of a group
  const groups = stride === 1 ? frames : graph.reshape(frames, [0, -1, stride * into]);
  const numGroups = kernel / stride;
  const seen = Array.from({ length: numGroups }, (_, index) => {
    const toEnd = index - numGroups + 1;
    return toEnd === 0 ? graph.slice(groups, 1, index) : graph.slice(groups, 1, index, toEnd);
  });
  const columns = numGroups === 1 ? groups : graph.concat(seen, 2);
  const matrix = new Float32Array(data.length);
  for (let o = 0; o < out; o++) {
    for (let i = 0; i < into; i++) {
      for (let tap = 0; tap < kernel; tap++) {
        matrix[(tap * into + i) * out + o] = data[(o * into + i) * kernel + tap]!;
      }
    }
  }
  const product = denseProduct(graph, columns, weights.fullName('weight'), out, () => {
    return { data: matrix, into: kernel * into, out };
  });
  return graph.add(product, vector(graph, weights, 'bias'));
}

/**
 * Depthwise convolution over time: every channel has its own taps.
 *
 * If causal, adds a state `[B, C, kernel - 1]`: the frames before the first, zeros at the start.
 *
 * @param graph - The graph to add to.
 * @param x - `[B, T, C]`.
 * @param weights - `weight [C, 1, kernel]` and `bias [C]`.
 * @param isCausal - Whether tap `kernel - 1` is the present; otherwise the middle one is, and beyond
 * the ends there are zeros.
 * @returns `[B, T, C]`.
 */
export function depthwiseConv(
  graph: GraphBuilder,
  x: Value,
  weights: Weights,
  isCausal = true,
): Value {
  const { data, shape } = weights.get('weight', 3);
  const [channels, , kernel] = shape as [number, number, number];
  const batch = x.shape[0]!;
  const weight = graph.constant({ dtype: 'float32', shape, data }, 'weight');
  const bias = vector(graph, weights, 'bias');
  const ahead = isCausal ? 0 : (kernel - 1) / 2;
  const padded = isCausal ? x : graph.padZeros(x, 1, 0, ahead);
  const rows = graph.transpose(padded, [0, 2, 1]);
  const state = isCausal ? graph.state([channels, kernel - 1], batch) : undefined;
  const [result, next] = graph.microsoft(
    'CausalConvWithState',
    [rows, weight, bias, state],
    [
      { dtype: 'float32', shape: rows.shape },
      { dtype: 'float32', shape: [batch, channels, kernel - 1] },
    ],
  ) as [Value, Value];
  if (state !== undefined) {
    graph.nextState(state, next);
  }
  const frames = graph.transpose(result, [0, 2, 1]);
  return isCausal ? frames : graph.slice(frames, 1, ahead);
}
