import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  float32,
  parseSafetensors,
  readSafetensors,
  Weights,
  type TensorLike,
} from '../../kernels/index.js';

function fileOf(header: unknown, body: readonly number[] = []): Uint8Array {
  const text = new TextEncoder().encode(
    typeof header === 'string' ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + text.length + body.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(body, 8 + text.length);
  return bytes;
}

function one(dtype: string, shape: number[], body: readonly number[]): Uint8Array {
  return fileOf({ x: { dtype, shape, data_offsets: [0, body.length] } }, body);
}

describe('parseSafetensors', () => {
  it.each([
    ['F32', [0, 0, 128, 63], [1]],
    ['F16', [0, 0x3c, 0, 0xc0, 0xff, 0x7b], [1, -2, 65504]],
    ['F16', [1, 0, 0, 0x80, 0xff, 3], [2 ** -24, -0, 1023 * 2 ** -24]], // below the normal range
    ['F16', [0, 0x7c, 0, 0xfc], [Infinity, -Infinity]],
    ['BF16', [0x80, 0x3f, 0x49, 0xc0], [1, -3.140625]],
    ['I32', [255, 255, 255, 255], [-1]],
    ['I8', [128, 1], [-128, 1]],
    ['U8', [128, 1], [128, 1]],
    ['BOOL', [1, 0], [1, 0]],
  ])('reads %s %j', (dtype, body, expected) => {
    const x = parseSafetensors(one(dtype, [expected.length], body)).get('x')!;
    expect(Array.from(x.data as Float32Array)).toEqual(expected);
    expect(x.shape).toEqual([expected.length]);
  });

  it('reads I64, NaN, a scalar and metadata', () => {
    const file = fileOf(
      {
        __metadata__: { format: 'pt' },
        long: { dtype: 'I64', shape: [1], data_offsets: [0, 8] },
        nan: { dtype: 'F16', shape: [], data_offsets: [8, 10] },
      },
      [254, 255, 255, 255, 255, 255, 255, 255, 1, 0x7e],
    );
    const tensors = parseSafetensors(file);
    expect([...tensors.keys()]).toEqual(['long', 'nan']);
    expect(tensors.get('long')!.data[0]).toBe(-2n);
    expect(tensors.get('nan')!.data[0]).toBeNaN();
  });

  it.each([
    ['an empty file', new Uint8Array(0)],
    ['a text', new TextEncoder().encode('RIFF is something else')],
    ['a header that is cut', fileOf('{"x": 1}').subarray(0, 12)],
    ['a header that is not JSON', fileOf('{')],
    ['a header that is a list', fileOf('null')],
    ['a tensor without a type', fileOf({ x: { shape: [], data_offsets: [0, 0] } })],
    ['a tensor that is no object', fileOf({ x: null })],
    ['a shape of fractions', fileOf({ x: { dtype: 'U8', shape: [0.5], data_offsets: [0, 0] } })],
    ['an unknown type', one('F8_E4M3', [1], [0])],
    ['a body that is cut', one('F32', [1], [0, 0, 0, 0]).subarray(0, -1)],
    ['a range that does not fit the shape', one('F32', [2], [0, 0, 0, 0])],
    [
      'a range that runs backwards',
      fileOf({ x: { dtype: 'U8', shape: [1], data_offsets: [1, 0] } }),
    ],
  ])('refuses %s', (_, bytes) => {
    let code: unknown;
    try {
      parseSafetensors(bytes);
    } catch (error) {
      code = (error as { code?: unknown }).code;
    }
    expect(code).toBe('MODEL_INVALID');
  });
});

describe('readSafetensors', () => {
  it('reads a file and says if there is none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'linnet-tensors-'));
    const path = join(folder, 'model.safetensors');
    await expect(readSafetensors(path)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(readSafetensors(folder)).rejects.toMatchObject({ code: 'FILE_READ_FAILED' });
    await writeFile(path, one('F32', [1], [0, 0, 128, 63]));
    expect((await readSafetensors(path)).get('x')!.data).toEqual(Float32Array.of(1));
    await rm(folder, { recursive: true });
  });
});

describe('Weights', () => {
  const weights = new Weights(
    new Map<string, TensorLike>([
      ['a.b.weight', float32([2], Float32Array.of(1, 2))],
      ['count', { dtype: 'int32', shape: [1], data: Int32Array.of(1) }],
    ]),
  );

  it('looks under a prefix', () => {
    const part = weights.at('a').at('b');
    expect(part.get('weight', 1)).toEqual({ data: Float32Array.of(1, 2), shape: [2] });
    expect([part.has('weight'), part.has('bias')]).toEqual([true, false]);
  });

  it.each([
    ['is missing', 'a.b.bias', 1],
    ['has another rank', 'a.b.weight', 2],
    ['is of integers', 'count', 1],
  ])('names a tensor that %s', (_, name, rank) => {
    let details: unknown;
    try {
      weights.get(name, rank);
    } catch (error) {
      details = (error as { details?: unknown }).details;
    }
    expect(details).toEqual({ tensor: name });
  });
});
