import { readFile } from 'node:fs/promises';
import { SpeechError } from '../../base/errors.js';
import { numElements, type TensorLike } from './tensor.js';

/** Header length above which a file is taken to be something else, as the format's own limit. */
const MAX_HEADER_BYTES = 100_000_000;

/** Tensors of a model by name; all real ones widened to float32. */
export type Tensors = Map<string, TensorLike>;

/**
 * Reads a safetensors file.
 *
 * @param path - The file.
 * @param isWanted - Chooses tensors by name; all of them by default. The others cost no memory.
 * @returns Its tensors; F16 and BF16 are widened to float32.
 * @throws {SpeechError} `FILE_NOT_FOUND` or `FILE_READ_FAILED`; `MODEL_INVALID` as
 * {@link parseSafetensors}.
 */
export async function readSafetensors(
  path: string,
  isWanted?: (name: string) => boolean,
): Promise<Tensors> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new SpeechError(
      isMissing ? 'FILE_NOT_FOUND' : 'FILE_READ_FAILED',
      `${path} ${isMissing ? 'does not exist' : 'cannot be read'}.`,
      { path },
      { cause: error },
    );
  }
  return parseSafetensors(bytes, path, isWanted);
}

/**
 * Reads the bytes of a safetensors file.
 *
 * @param bytes - The whole file.
 * @param name - What errors call it.
 * @param isWanted - Chooses tensors by name; all of them by default.
 * @returns Its tensors; F16 and BF16 are widened to float32.
 * @throws {SpeechError} `MODEL_INVALID` if it is cut short, its header is no JSON, or a tensor's
 * type is unknown or its range does not fit its shape.
 */
export function parseSafetensors(
  bytes: Uint8Array,
  name = 'the file',
  isWanted: (name: string) => boolean = () => true,
): Tensors {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = bytes.length < 8 ? NaN : Number(view.getBigUint64(0, true));
  if (!(headerBytes <= Math.min(MAX_HEADER_BYTES, bytes.length - 8))) {
    throw invalid(name, 'is not a safetensors file, or it is cut short');
  }
  const header = parseHeader(bytes.subarray(8, 8 + headerBytes), name);
  const body = bytes.subarray(8 + headerBytes);
  const tensors: Tensors = new Map();
  for (const [tensor, entry] of Object.entries(header)) {
    if (tensor !== '__metadata__' && isWanted(tensor)) {
      tensors.set(tensor, readTensor(entry, body, `${name}: ${tensor}`));
    }
  }
  return tensors;
}

type Entry = { dtype: string; shape: number[]; data_offsets: [number, number] };

function parseHeader(bytes: Uint8Array, name: string): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof header === 'object' && header !== null) {
      return header as Record<string, unknown>;
    }
  } catch {
    // told below
  }
  throw invalid(name, 'has a header that is not JSON');
}

function isEntry(entry: unknown): entry is Entry {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Partial<Entry>;
  const areCounts = (list: unknown) =>
    Array.isArray(list) && list.every((value) => Number.isSafeInteger(value) && value >= 0);
  return (
    typeof dtype === 'string' && areCounts(shape) && areCounts(offsets) && offsets?.length === 2
  );
}

const BYTES: Readonly<Record<string, number>> = {
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

function readTensor(entry: unknown, body: Uint8Array, name: string): TensorLike {
  if (!isEntry(entry)) {
    throw invalid(name, 'has no type, shape and range');
  }
  const { dtype, shape } = entry;
  const [start, end] = entry.data_offsets;
  const size = BYTES[dtype];
  if (size === undefined) {
    throw invalid(name, `has the type ${dtype}, which is not supported`);
  }
  if (end > body.length || end - start !== numElements(shape) * size) {
    throw invalid(name, 'does not lie in the file as its shape says');
  }
  // a copy, because typed arrays want aligned offsets; slice of a Node Buffer would not copy
  const { buffer } = Uint8Array.from(body.subarray(start, end));
  switch (dtype) {
    case 'F32':
      return { dtype: 'float32', shape, data: new Float32Array(buffer) };
    case 'F16':
      return { dtype: 'float32', shape, data: widenHalf(new Uint16Array(buffer)) };
    case 'BF16':
      return { dtype: 'float32', shape, data: widenBfloat(new Uint16Array(buffer)) };
    case 'I64':
      return { dtype: 'int64', shape, data: new BigInt64Array(buffer) };
    case 'I32':
      return { dtype: 'int32', shape, data: new Int32Array(buffer) };
    case 'I8':
      return { dtype: 'int8', shape, data: new Int8Array(buffer) };
    default:
      return { dtype: dtype === 'BOOL' ? 'bool' : 'uint8', shape, data: new Uint8Array(buffer) };
  }
}

/**
 * Widens IEEE half precision.
 *
 * @param halves - Bits of float16 numbers.
 * @returns The same numbers.
 */
export function widenHalf(halves: Uint16Array): Float32Array {
  const floats = new Float32Array(halves.length);
  const bits = new Uint32Array(floats.buffer);
  for (let index = 0; index < halves.length; index++) {
    const half = halves[index]!;
    const sign = (half & 0x8000) << 16;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) {
      floats[index] = fraction * 2 ** -24;
      bits[index]! |= sign;
    } else {
      // the bias goes from 15 to 127; the largest exponent stands for infinity and NaN in both
      const wide = exponent === 31 ? 255 : exponent + 112;
      bits[index] = sign | (wide << 23) | (fraction << 13);
    }
  }
  return floats;
}

function widenBfloat(halves: Uint16Array): Float32Array {
  const floats = new Float32Array(halves.length);
  const bits = new Uint32Array(floats.buffer);
  for (let index = 0; index < halves.length; index++) {
    bits[index] = halves[index]! << 16;
  }
  return floats;
}

function invalid(name: string, problem: string): SpeechError {
  return new SpeechError('MODEL_INVALID', `${name} ${problem}.`, { name });
}
