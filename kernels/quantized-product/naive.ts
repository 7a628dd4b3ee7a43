import { BLOCK_SIZE, COLUMN_STEPS, type DenseMatrix } from './graph.js';

/** Steps of an input on either side of 0. */
const STEPS = 127;

/**
 * Reference of a product with a matrix of few bits, in float64: in every group of inputs, these are
 * rounded to 127 steps on either side of 0, and the weights under them to 64 steps on either side, or
 * in blocks to `2^bits` steps of which the largest weight takes the outermost.
 *
 * @param x - `[T, I]`.
 * @param matrix - `[I, O]`.
 * @param bits - Of a weight in blocks of 32; undefined for 7 bits by columns.
 * @returns `[T, O]`.
 */
export function quantizedProductNaive(
  x: ArrayLike<number>,
  { data, into, out }: DenseMatrix,
  bits?: 4 | 8,
): Float64Array {
  const numRows = x.length / into;
  const groupSize = bits === undefined ? into : BLOCK_SIZE;
  const result = new Float64Array(numRows * out);
  for (let row = 0; row < numRows; row++) {
    for (let column = 0; column < out; column++) {
      for (let start = 0; start < into; start += groupSize) {
        const end = Math.min(into, start + groupSize);
        const places = Array.from({ length: end - start }, (_, index) => start + index);
        const inputs = round(
          places.map((index) => x[row * into + index]!),
          STEPS,
        );
        const given = places.map((index) => data[index * out + column]!);
        const weights =
          bits === undefined ? round(given, COLUMN_STEPS) : roundOutermost(given, bits);
        places.forEach((_, index) => {
          result[row * out + column]! += inputs[index]! * weights[index]!;
        });
      }
    }
  }
  return result;
}

function round(values: readonly number[], steps: number): number[] {
  const largest = Math.max(...values.map(Math.abs));
  return values.map((value) =>
    largest === 0 ? 0 : (Math.round((value / largest) * steps) * largest) / steps,
  );
}

function roundOutermost(values: readonly number[], bits: number): number[] {
  const half = 2 ** (bits - 1);
  const largest = values.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
  const step = -largest / half;
  return values.map((value) =>
    largest === 0 ? 0 : Math.min(half - 1, Math.round(value / step)) * step,
  );
}
