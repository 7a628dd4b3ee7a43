import { SpeechError } from '../../base/errors.js';
import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { Value } from '../onnx/graph.js';
import { hann } from './naive.js';

/** Sizes of a short-time Fourier transform, in samples. */
export type StftSizes = {
  /** Length of a frame and of its transform; even. */
  fftSize: number;
  /** Distance of two frames; `fftSize` is a multiple of it. */
  hop: number;
};

/**
 * Causal short-time Fourier transform with a periodic Hann window: frame `t` ends with hop `t`. It
 * is one matrix product with the windowed basis, which at these sizes costs less than the layers
 * that follow and runs on every provider.
 *
 * Adds a state `[B, fftSize - hop]`: the samples before the first, zeros at the start.
 *
 * @param graph - The graph to add to.
 * @param samples - `[B, N]`, `N` a multiple of `hop`.
 * @param sizes - The frame and the hop.
 * @returns `[B, N / hop, 2 * (fftSize / 2 + 1)]`: real parts, then imaginary parts.
 */
export function stft(graph: GraphBuilder, samples: Value, sizes: StftSizes): Value {
  const { fftSize, hop } = sizes;
  const perFrame = checkSizes(sizes);
  const state = graph.state([fftSize - hop], samples.shape[0]);
  const all = graph.concat([state, samples], 1);
  graph.nextState(state, graph.slice(all, 1, -(fftSize - hop)));
  const hops = graph.reshape(all, [0, -1, hop]);
  const frames = graph.concat(
    Array.from({ length: perFrame }, (_, index) => {
      const toEnd = index - perFrame + 1;
      return toEnd === 0 ? graph.slice(hops, 1, index) : graph.slice(hops, 1, index, toEnd);
    }),
    2,
  );
  return graph.matMul(frames, graph.constant(forwardBasis(fftSize), 'basis'));
}

/**
 * Inverse of {@link stft} by windowed overlap-add: the spectrum of one frame more completes one hop
 * more, the one with which that frame began. What comes out is therefore `fftSize - hop` samples
 * late: as many at the start of a stream belong to the time before it.
 *
 * Adds a state `[B, fftSize / hop - 1, fftSize]`: the last frames, zeros at the start.
 *
 * @param graph - The graph to add to.
 * @param spectrum - `[B, F, 2 * (fftSize / 2 + 1)]`: real parts, then imaginary parts.
 * @param sizes - The frame and the hop.
 * @returns `[B, F * hop]` samples.
 */
export function istft(graph: GraphBuilder, spectrum: Value, sizes: StftSizes): Value {
  const { fftSize, hop } = sizes;
  const perFrame = checkSizes(sizes);
  const frames = graph.matMul(spectrum, graph.constant(inverseBasis(sizes), 'basis'));
  const state = graph.state([perFrame - 1, fftSize], spectrum.shape[0]);
  const all = graph.concat([state, frames], 1);
  graph.nextState(state, graph.slice(all, 1, -(perFrame - 1)));
  const parts = graph.split(
    all,
    2,
    Array.from({ length: perFrame }, () => hop),
  );
  // hop j is covered by the last part of frame j, the one before of frame j + 1, and so on
  const covers = parts.map((part, index) => {
    const start = perFrame - 1 - index;
    return index === 0 ? graph.slice(part, 1, start) : graph.slice(part, 1, start, -index);
  });
  const sum = covers.reduce((total, cover) => graph.add(total, cover));
  return graph.reshape(sum, [0, -1]);
}

function checkSizes({ fftSize, hop }: StftSizes): number {
  const perFrame = fftSize / hop;
  if (!Number.isInteger(perFrame) || perFrame < 2 || fftSize % 2 !== 0) {
    throw new SpeechError(
      'GRAPH_INVALID',
      `An STFT of ${fftSize} cannot have a hop of ${hop}; an even multiple of it is wanted.`,
    );
  }
  return perFrame;
}

function forwardBasis(size: number) {
  const bins = size / 2 + 1;
  const window = hann(size);
  const data = new Float32Array(size * 2 * bins);
  for (let n = 0; n < size; n++) {
    for (let k = 0; k < bins; k++) {
      // modulo, because a sine loses digits with large arguments
      const angle = (2 * Math.PI * ((n * k) % size)) / size;
      data[n * 2 * bins + k] = window[n]! * Math.cos(angle);
      data[n * 2 * bins + bins + k] = -window[n]! * Math.sin(angle);
    }
  }
  return { dtype: 'float32' as const, shape: [size, 2 * bins], data };
}

function inverseBasis({ fftSize: size, hop }: StftSizes) {
  const bins = size / 2 + 1;
  const window = hann(size);
  // the squares of overlapping Hann windows sum to 3/8 of the overlap
  const overlap = (3 * size) / (8 * hop);
  const data = new Float32Array(2 * bins * size);
  for (let k = 0; k < bins; k++) {
    const isEdge = k === 0 || k === bins - 1;
    const factor = (isEdge ? 1 : 2) / size / overlap;
    for (let n = 0; n < size; n++) {
      const angle = (2 * Math.PI * ((n * k) % size)) / size;
      data[k * size + n] = factor * window[n]! * Math.cos(angle);
      // the first and the last bin of a real signal have no imaginary part, so it is ignored
      data[(bins + k) * size + n] = isEdge ? 0 : -factor * window[n]! * Math.sin(angle);
    }
  }
  return { dtype: 'float32' as const, shape: [2 * bins, size], data };
}
