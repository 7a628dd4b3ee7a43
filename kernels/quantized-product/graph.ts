import type { GraphBuilder } from '../onnx/graph-builder.js';
import type { Value } from '../onnx/graph.js';
import type { Dim } from '../onnx/shapes.js';

/** A dense matrix of a model: `[I, O]`, row-major. */
export type DenseMatrix = { data: Float32Array; into: number; out: number };

/** Inputs that share a scale in {@link blockQuantizedProduct}. */
export const BLOCK_SIZE = 32;

/** What stands for 0 in the unsigned bytes of rows. */
const ZERO = 128;
/** The largest step away from it. */
const STEPS = 127;
/**
 * The largest step of a weight in {@link rowQuantizedProduct}. Processors without VNNI add two products
 * of an unsigned and a signed byte in 16 bits, which saturates with larger ones: 2 * 255 * 64 < 2^15.
 */
export const COLUMN_STEPS = 64;
/** Keeps the scale of a row of zeros above 0. */
const SMALLEST = 1e-12;

/** A matrix in bytes, with the scales that bring back what it was, nearly. */
export type QuantizedMatrix<Bytes> = { bytes: Bytes; scales: Float32Array };

/**
 * Rounds a matrix to 4 or 8 bits, with a scale for each output and each block of inputs. The largest
 * number of a block becomes the outermost step on the negative side, of which there is one more.
 *
 * @param matrix - `[I, O]`.
 * @param bits - 4 or 8.
 * @returns Bytes `[O, ceil(I / 32), 32 bits / 8]`, of two numbers each if `bits` is 4, the first in
 * the lower half; scales `[O, ceil(I / 32)]`, perhaps negative.
 */
export function quantizeBlocks(
  { data, into, out }: DenseMatrix,
  bits: 4 | 8,
): QuantizedMatrix<Uint8Array> {
  const blocks = Math.ceil(into / BLOCK_SIZE);
  const zero = 2 ** (bits - 1);
  const steps = new Uint8Array(out * blocks * BLOCK_SIZE).fill(zero);
  const scales = new Float32Array(out * blocks);
  for (let column = 0; column < out; column++) {
    for (let block = 0; block < blocks; block++) {
      const start = block * BLOCK_SIZE;
      const end = Math.min(into, start + BLOCK_SIZE);
      let largest = 0;
      for (let row = start; row < end; row++) {
        const value = data[row * out + column]!;
        largest = Math.abs(value) > Math.abs(largest) ? value : largest;
      }
      const place = column * blocks + block;
      scales[place] = -largest / zero;
      for (let row = start; row < end && largest !== 0; row++) {
        const step = Math.round((data[row * out + column]! / -largest) * zero);
        steps[place * BLOCK_SIZE + row - start] = Math.min(2 * zero - 1, zero + step);
      }
    }
  }
  if (bits === 8) {
    return { bytes: steps, scales };
  }
  const bytes = new Uint8Array(steps.length / 2);
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = steps[2 * index]! | (steps[2 * index + 1]! << 4);
  }
  return { bytes, scales };
}

/**
 * Rounds a matrix to 64 steps on either side of 0, with a scale for each output.
 *
 * @param matrix - `[I, O]`.
 * @returns Bytes `[I, O]` and scales `[O]`.
 */
export function quantizeColumns({ data, into, out }: DenseMatrix): QuantizedMatrix<Int8Array> {
  // looked up once: where tests run, each look at a global takes a hundred times as long
  const { abs, round } = Math;
  const scales = new Float32Array(out);
  for (let start = 0; start < data.length; start += out) {
    for (let column = 0; column < out; column++) {
      const size = abs(data[start + column]!);
      if (size > scales[column]!) {
        scales[column] = size;
      }
    }
  }
  const perStep = scales.map((largest) => (largest > 0 ? COLUMN_STEPS / largest : 0));
  const bytes = new Int8Array(into * out);
  for (let start = 0; start < data.length; start += out) {
    for (let column = 0; column < out; column++) {
      bytes[start + column] = round(data[start + column]! * perStep[column]!);
    }
  }
  for (let column = 0; column < out; column++) {
    scales[column]! /= COLUMN_STEPS;
  }
  return { bytes, scales };
}

/**
 * `x W` with weights of 4 or 8 bits in blocks. It reads an eighth or a quarter of the memory, which is
 * what a product with one row waits for; with many rows it is no faster than float32.
 *
 * @param g - The graph to add to.
 * @param x - `[..., I]`; rounded to 8 bits in the same blocks on its way.
 * @param key - Name of the matrix; the same key is stored once.
 * @param make - The matrix.
 * @param options - `bits` of a weight, 4 by default; `bias` `[O]`, none by default.
 * @returns `[..., O]`.
 */
export function blockQuantizedProduct(
  g: GraphBuilder,
  x: Value,
  key: string,
  make: () => DenseMatrix,
  options: { bits?: 4 | 8; bias?: Value | undefined } = {},
): Value {
  const { bits = 4, bias } = options;
  let made: (DenseMatrix & QuantizedMatrix<Uint8Array>) | undefined;
  const read = () => {
    if (made === undefined) {
      const matrix = make();
      made = { ...matrix, ...quantizeBlocks(matrix, bits) };
    }
    return made;
  };
  const bytes = g.shared(`${key} blocks`, () => {
    const { into, out, bytes: data } = read();
    const shape = [out, Math.ceil(into / BLOCK_SIZE), (BLOCK_SIZE * bits) / 8];
    return g.constant({ dtype: 'uint8', shape, data }, 'bytes');
  });
  const scales = g.shared(`${key} scales`, () => {
    const { scales: data } = read();
    return g.constant({ dtype: 'float32', shape: [data.length], data }, 'scales');
  });
  const out = bytes.shape[0] as number;
  const into = x.shape.at(-1) as number;
  const [y] = g.microsoft(
    'MatMulNBits',
    // zero points and an order of the columns are left out
    [x, bytes, scales, undefined, undefined, bias],
    [{ dtype: 'float32', shape: [...x.shape.slice(0, -1), out] }],
    // accuracy level 4: products of bytes, summed up in integers
    { K: into, N: out, bits, block_size: BLOCK_SIZE, accuracy_level: 4 },
  );
  return y!;
}

/**
 * `x W` with weights of 7 bits, a scale for each output, and each row of `x` rounded to 8 bits with a
 * scale of its own: what a row gives does not depend on the rows beside it, so that streaming equals
 * the whole. (ONNX Runtime's own DynamicQuantizeMatMul has one scale for all rows.) Unsigned rows and
 * signed weights have the fastest products, and are why weights have 7 bits; see `COLUMN_STEPS`.
 *
 * @param g - The graph to add to.
 * @param x - `[..., I]`.
 * @param key - Name of the matrix; the same key is stored once.
 * @param make - The matrix.
 * @returns `[..., O]`.
 */
export function rowQuantizedProduct(
  g: GraphBuilder,
  x: Value,
  key: string,
  make: () => DenseMatrix,
): Value {
  let made: (DenseMatrix & QuantizedMatrix<Int8Array>) | undefined;
  const read = () => {
    if (made === undefined) {
      const matrix = make();
      made = { ...matrix, ...quantizeColumns(matrix) };
    }
    return made;
  };
  const bytes = g.shared(`${key} bytes`, () => {
    const { into, out, bytes: data } = read();
    return g.constant({ dtype: 'int8', shape: [into, out], data }, 'bytes');
  });
  const scales = g.shared(`${key} column scales`, () => {
    const { scales: data } = read();
    return g.constant({ dtype: 'float32', shape: [data.length], data }, 'scales');
  });
  const [into, out] = bytes.shape as [number, number];
  const rows = g.reshape(x, [-1, into]);
  const count = rows.shape[0]!;
  const largest = g.reduce('ReduceMax', g.unary('Abs', rows), 1, false);
  const rowScales = g.add(g.mul(largest, 1 / STEPS), SMALLEST);
  const zero = zeroPoint(g);
  // values with the same leading axes have as many rows
  const zeros = g.shared(`zero points ${x.shape.slice(0, -1).join(' ')}`, () => {
    const sizes = g.node('Shape', [rowScales], [{ dtype: 'int64', shape: [1] }]);
    return g.node('Expand', [zero, sizes[0]!], [{ dtype: 'uint8', shape: [count] }])[0]!;
  });
  const [rounded] = g.node(
    'QuantizeLinear',
    [rows, rowScales, zeros],
    [{ dtype: 'uint8', shape: [count, into] }],
    { attributes: { axis: 0 } },
  );
  const [product] = g.microsoft(
    'MatMulIntegerToFloat',
    [rounded, bytes, g.scalar(1), scales, zero],
    [{ dtype: 'float32', shape: [count, out] }],
  );
  const scaled = g.mul(product!, g.unsqueeze(rowScales, [1]));
  return x.shape.length === 2 ? scaled : restoreAxes(g, scaled, x, out);
}

function zeroPoint(g: GraphBuilder): Value {
  return g.shared('zero point of bytes', () =>
    g.constant({ dtype: 'uint8', shape: [], data: Uint8Array.of(ZERO) }, 'zero_point'),
  );
}

/** Gives rows the leading axes of `x` back. */
function restoreAxes(g: GraphBuilder, rows: Value, x: Value, out: number): Value {
  const leading: Dim[] = x.shape.slice(0, -1);
  const shape = g.shared(`shape ${leading.join(' ')} ${out}`, () => {
    const sizes = g.node('Shape', [x], [{ dtype: 'int64', shape: [leading.length] }], {
      attributes: { start: 0, end: leading.length },
    })[0]!;
    return g.concat([sizes, g.ints([out])], 0);
  });
  return g.node('Reshape', [rows, shape], [{ dtype: 'float32', shape: [...leading, out] }])[0]!;
}
