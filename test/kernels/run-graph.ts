import {
  float32,
  GraphBuilder,
  Runtime,
  streamStates,
  Weights,
  type Tensors,
  type TensorLike,
  type Value,
} from '../../kernels/index.js';
import { noise } from '../helpers/signal.js';

let shared: Promise<Runtime> | undefined;

/** One CPU runtime with one thread for a test file. */
export function cpu(): Promise<Runtime> {
  shared ??= Runtime.create({ device: 'cpu', threads: 1 });
  return shared;
}

/** Random weights of the given shapes. */
export function randomWeights(shapes: Readonly<Record<string, number[]>>, seed = 1): Weights {
  const tensors: Tensors = new Map();
  for (const [index, [name, shape]] of Object.entries(shapes).entries()) {
    const length = shape.reduce((product, size) => product * size, 1);
    tensors.set(name, float32(shape, noise(length, seed + 100 * index)));
  }
  return new Weights(tensors);
}

/** Inputs in pieces along the time axis, of at most `chunk` frames. */
export function inPieces(x: Float32Array, width: number, chunk: number): Float32Array[] {
  const pieces: Float32Array[] = [];
  for (let start = 0; start < x.length; start += chunk * width) {
    pieces.push(x.subarray(start, start + chunk * width));
  }
  return pieces;
}

/**
 * Builds a graph of one input `x [B, T, width]` (or `[B, T]` for width 0) and one output, and runs
 * pieces of a stream through it.
 *
 * @returns The outputs, joined.
 */
export async function runStream(
  build: (graph: GraphBuilder, x: Value) => Value,
  width: number,
  pieces: readonly Float32Array[],
  dtype: 'float32' | 'int32' = 'float32',
): Promise<number[]> {
  const graph = new GraphBuilder('test');
  const x = graph.input('x', dtype, width === 0 ? ['B', 'T'] : ['B', 'T', width]);
  graph.output('y', build(graph, x));
  const stateNames = streamStates(graph.numStates);
  const session = await (await cpu()).load('test', graph.build(), { stateNames });
  const state = session.newState();
  const outputs: number[] = [];
  for (const piece of pieces) {
    const shape = width === 0 ? [1, piece.length] : [1, piece.length / width, width];
    const data = dtype === 'int32' ? Int32Array.from(piece) : piece;
    const feed: TensorLike = { dtype, shape, data };
    const { y } = await session.runWithState({ x: feed }, state);
    outputs.push(...Array.from(y!.data as Float32Array));
  }
  await session.close();
  return outputs;
}
