/** Element types that graphs here use. */
export type DataType = 'float32' | 'float16' | 'int32' | 'int64' | 'uint8' | 'int8' | 'bool';

/** Storage of a tensor's elements. float16 is kept as its bits, bool as 0 or 1. */
export type TensorData =
  Float32Array | Uint16Array | Int32Array | BigInt64Array | Uint8Array | Int8Array;

/** A tensor as plain data: row-major, with as many elements as the product of `shape`. */
export type TensorLike = {
  /** Element type. */
  dtype: DataType;
  /** Sizes, outermost first; empty for a scalar. */
  shape: readonly number[];
  /** Elements, last axis fastest. */
  data: TensorData;
};

/** Numbers of the element types in ONNX's `TensorProto.DataType`. */
export const ONNX_TYPE: Readonly<Record<DataType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
};

/**
 * Counts the elements of a shape.
 *
 * @param shape - Sizes; empty for a scalar.
 * @returns Their product, 1 for a scalar.
 */
export function numElements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * Makes a float tensor.
 *
 * @param shape - Sizes.
 * @param data - Elements; zeros by default.
 * @returns The tensor; `data` is not copied.
 */
export function float32(
  shape: readonly number[],
  data: Float32Array = new Float32Array(numElements(shape)),
): TensorLike & { data: Float32Array } {
  return { dtype: 'float32', shape, data };
}

/**
 * Makes a tensor of 32-bit integers.
 *
 * @param shape - Sizes.
 * @param data - Elements.
 * @returns The tensor, with a copy of `data`.
 */
export function int32(
  shape: readonly number[],
  data: ArrayLike<number>,
): TensorLike & { data: Int32Array } {
  return { dtype: 'int32', shape, data: Int32Array.from(data) };
}
