import { SpeechError } from '../../base/errors.js';
import { Graph, MICROSOFT, type NodeOptions, type OutputSpec, type Value } from './graph.js';
import {
  broadcast,
  canBeEqual,
  matMulShape,
  normalizeAxis,
  shapeError,
  type Dim,
  type Shape,
} from './shapes.js';
import { ONNX_TYPE, type DataType } from './tensor.js';

/** A value, or a number that becomes a scalar of the other operand's type. */
export type Operand = Value | number;

/** Beyond any axis: `slice` to the end. */
const END = 2 ** 31 - 1;

/** Writes graphs in ONNX's operators, checking shapes and types as far as they are known. */
export class GraphBuilder extends Graph {
  /** `a + b`, broadcast. */
  add(a: Operand, b: Operand): Value {
    return this.#binary('Add', a, b);
  }

  /** `a - b`, broadcast. */
  sub(a: Operand, b: Operand): Value {
    return this.#binary('Sub', a, b);
  }

  /** `a * b`, broadcast. */
  mul(a: Operand, b: Operand): Value {
    return this.#binary('Mul', a, b);
  }

  /** `a / b`, broadcast; integers are divided towards zero. */
  div(a: Operand, b: Operand): Value {
    return this.#binary('Div', a, b);
  }

  /** The larger one, elementwise and broadcast. */
  max(a: Operand, b: Operand): Value {
    return this.#binary('Max', a, b);
  }

  /** The smaller one, elementwise and broadcast. */
  min(a: Operand, b: Operand): Value {
    return this.#binary('Min', a, b);
  }

  /** `a == b` as bool. */
  equal(a: Operand, b: Operand): Value {
    return this.#binary('Equal', a, b, 'bool');
  }

  /** `a < b` as bool. */
  less(a: Operand, b: Operand): Value {
    return this.#binary('Less', a, b, 'bool');
  }

  /** `a <= b` as bool. */
  lessOrEqual(a: Operand, b: Operand): Value {
    return this.#binary('LessOrEqual', a, b, 'bool');
  }

  /** `a > b` as bool. */
  greater(a: Operand, b: Operand): Value {
    return this.#binary('Greater', a, b, 'bool');
  }

  /** `condition ? a : b`, elementwise and broadcast. */
  where(condition: Value, a: Operand, b: Operand): Value {
    const [left, right] = this.#operands('Where', a, b);
    const shape = broadcast('Where', [condition.shape, left.shape, right.shape]);
    return this.#one('Where', [condition, left, right], left.dtype, shape);
  }

  /**
   * An elementwise function without parameters.
   *
   * @param operator - `Exp`, `Log`, `Sqrt`, `Cos`, `Sin`, `Sigmoid`, `Tanh`, `Softplus`, `Neg`,
   * `Abs`, `Floor`, `Round`, `Not`, `Identity` or another one of ONNX.
   * @param x - Any shape.
   */
  unary(operator: string, x: Value, options: NodeOptions = {}): Value {
    return this.#one(operator, [x], x.dtype, x.shape, options);
  }

  /** `e^x`. */
  exp(x: Value): Value {
    return this.unary('Exp', x);
  }

  /** Natural logarithm. */
  log(x: Value): Value {
    return this.unary('Log', x);
  }

  /** `1 / (1 + e^-x)`. */
  sigmoid(x: Value): Value {
    return this.unary('Sigmoid', x);
  }

  /** Exact GELU, by the error function. */
  gelu(x: Value): Value {
    return this.unary('Gelu', x);
  }

  /** Conversion to another element type. */
  cast(x: Value, dtype: DataType): Value {
    return this.#one('Cast', [x], dtype, x.shape, { attributes: { to: ONNX_TYPE[dtype] } });
  }

  /** Matrix product over the last two axes. */
  matMul(a: Value, b: Value): Value {
    return this.#one('MatMul', [a, b], a.dtype, matMulShape(a.shape, b.shape));
  }

  /**
   * Gives the same elements another shape.
   *
   * @param shape - Sizes; 0 keeps the axis of the same index, one -1 takes what is left.
   * @param known - The resulting sizes, where the builder cannot know them.
   */
  reshape(x: Value, shape: readonly number[], known?: Shape): Value {
    const fixed = x.shape.every((dim) => typeof dim === 'number')
      ? x.shape.reduce((product, dim) => product * dim, 1)
      : undefined;
    const kept = shape.map((size, axis) => (size === 0 ? x.shape[axis]! : size));
    const others = kept.reduce<number>(
      (product, dim) => (typeof dim === 'number' && dim > 0 ? product * dim : product),
      1,
    );
    const result = kept.map((dim): Dim => {
      if (dim !== -1) {
        return dim;
      }
      return fixed === undefined ? this.unknownDim() : fixed / others;
    });
    const total = result.every((dim) => typeof dim === 'number')
      ? result.reduce((product, dim) => product * dim, 1)
      : undefined;
    if (fixed !== undefined && total !== undefined && fixed !== total) {
      throw shapeError('Reshape', [x.shape, shape]);
    }
    return this.#one('Reshape', [x, this.ints(shape)], x.dtype, known ?? result);
  }

  /** Reorders the axes: axis `i` of the result is axis `order[i]` of `x`. */
  transpose(x: Value, order: readonly number[]): Value {
    const shape = order.map((axis) => x.shape[normalizeAxis(x.shape, axis)]!);
    return this.#one('Transpose', [x], x.dtype, shape, { attributes: { perm: order } });
  }

  /** Joins values along an axis. */
  concat(values: readonly Value[], axis: number): Value {
    const first = values[0]!;
    const at = normalizeAxis(first.shape, axis);
    const fits = values.every(
      ({ shape, dtype }) =>
        dtype === first.dtype &&
        shape.length === first.shape.length &&
        shape.every((dim, index) => index === at || canBeEqual(dim, first.shape[index]!)),
    );
    if (!fits) {
      throw shapeError(
        'Concat',
        values.map(({ shape }) => shape),
      );
    }
    const dims = values.map(({ shape }) => shape[at]!);
    const size = dims.every((dim) => typeof dim === 'number')
      ? dims.reduce((sum, dim) => sum + dim, 0)
      : this.unknownDim();
    const shape = first.shape.map((dim, index) => (index === at ? size : dim));
    return this.#one('Concat', values, first.dtype, shape, { attributes: { axis: at } });
  }

  /**
   * Takes a range of an axis.
   *
   * @param start - First index; negative ones count from the end.
   * @param end - Index after the last; negative ones count from the end; to the end by default.
   */
  slice(x: Value, axis: number, start: number, end: number = END): Value {
    const at = normalizeAxis(x.shape, axis);
    const full = x.shape[at]!;
    let size: Dim;
    if (typeof full === 'number') {
      const from = Math.max(0, start < 0 ? start + full : start);
      const to = Math.min(full, end < 0 ? end + full : end);
      size = to - from;
      if (size < 0) {
        throw shapeError(`Slice ${start}..${end} of axis ${axis}`, [x.shape]);
      }
    } else if (start < 0 && end === END) {
      size = -start;
    } else if (start >= 0 && end > 0 && end !== END) {
      size = end - start;
    } else {
      size = start === 0 && end === END ? full : this.unknownDim();
    }
    const shape = x.shape.map((dim, index) => (index === at ? size : dim));
    const inputs = [x, this.ints([start]), this.ints([end]), this.ints([at])];
    return this.#one('Slice', inputs, x.dtype, shape);
  }

  /** Cuts an axis into parts of the given sizes. */
  split(x: Value, axis: number, sizes: readonly number[]): Value[] {
    const at = normalizeAxis(x.shape, axis);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (!canBeEqual(x.shape[at]!, total)) {
      throw shapeError(`Split into ${sizes.join(' + ')}`, [x.shape]);
    }
    const outputs = sizes.map((size) => ({
      dtype: x.dtype,
      shape: x.shape.map((dim, index) => (index === at ? size : dim)),
    }));
    return this.node('Split', [x, this.ints(sizes)], outputs, { attributes: { axis: at } });
  }

  /** Adds axes of size 1 at the given places of the result. */
  unsqueeze(x: Value, axes: readonly number[]): Value {
    const shape: Dim[] = [...x.shape];
    for (const axis of [...axes].sort((a, b) => a - b)) {
      shape.splice(axis, 0, 1);
    }
    return this.#one('Unsqueeze', [x, this.ints(axes)], x.dtype, shape);
  }

  /** Takes away axes of size 1. */
  squeeze(x: Value, axes: readonly number[]): Value {
    const gone = new Set(axes.map((axis) => normalizeAxis(x.shape, axis)));
    const shape = x.shape.filter((_, axis) => !gone.has(axis));
    return this.#one('Squeeze', [x, this.ints([...gone])], x.dtype, shape);
  }

  /** Appends zeros to an axis: `before` in front, `after` behind. */
  padZeros(x: Value, axis: number, before: number, after: number): Value {
    const at = normalizeAxis(x.shape, axis);
    const pads = Array.from({ length: 2 * x.shape.length }, () => 0);
    pads[at] = before;
    pads[at + x.shape.length] = after;
    const full = x.shape[at]!;
    const size = typeof full === 'number' ? full + before + after : this.unknownDim();
    const shape = x.shape.map((dim, index) => (index === at ? size : dim));
    return this.#one('Pad', [x, this.ints(pads)], x.dtype, shape, {
      attributes: { mode: 'constant' },
    });
  }

  /** Takes the entries of an axis that integer `indices` name; their shape replaces the axis. */
  gather(x: Value, indices: Value, axis = 0): Value {
    const at = normalizeAxis(x.shape, axis);
    const shape = [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at + 1)];
    return this.#one('Gather', [x, indices], x.dtype, shape, { attributes: { axis: at } });
  }

  /** A size as int64 `[1]`. */
  dim(x: Value, axis: number): Value {
    const start = normalizeAxis(x.shape, axis);
    return this.#one('Shape', [x], 'int64', [1], { attributes: { start, end: start + 1 } });
  }

  /** Index of the largest entry of an axis, the first if there are several; int64. */
  argMax(x: Value, axis: number, keepDims = false): Value {
    const { at, shape } = this.#reduced(x, axis, keepDims);
    const attributes = { axis: at, keepdims: keepDims ? 1 : 0 };
    return this.#one('ArgMax', [x], 'int64', shape, { attributes });
  }

  /** The `k` largest entries of the last axis and their int64 indices, largest first. */
  topK(x: Value, k: number): [Value, Value] {
    const shape = [...x.shape.slice(0, -1), k];
    const outputs = [
      { dtype: x.dtype, shape },
      { dtype: 'int64' as const, shape },
    ];
    const [values, indices] = this.node('TopK', [x, this.ints([k])], outputs, {
      attributes: { axis: -1, largest: 1, sorted: 1 },
    });
    return [values!, indices!];
  }

  /** A reduction of one axis. */
  reduce(
    operator: 'ReduceSum' | 'ReduceMean' | 'ReduceMax' | 'ReduceMin' | 'ReduceL2',
    x: Value,
    axis: number,
    keepDims = true,
  ): Value {
    const { at, shape } = this.#reduced(x, axis, keepDims);
    const attributes = { keepdims: keepDims ? 1 : 0 };
    return this.#one(operator, [x, this.ints([at])], x.dtype, shape, { attributes });
  }

  /** Running sum along an axis; `exclusive` leaves the entry itself out. */
  cumSum(x: Value, axis: number, exclusive = false): Value {
    const at = this.scalar(normalizeAxis(x.shape, axis), 'int64');
    const attributes = { exclusive: exclusive ? 1 : 0 };
    return this.#one('CumSum', [x, at], x.dtype, x.shape, { attributes });
  }

  /** Softmax over an axis. */
  softmax(x: Value, axis = -1): Value {
    const attributes = { axis: normalizeAxis(x.shape, axis) };
    return this.unary('Softmax', x, { attributes });
  }

  /** LayerNorm over the last axis; `scale` and `bias` are vectors of its size. */
  layerNorm(x: Value, scale: Value, bias?: Value, epsilon = 1e-5): Value {
    if (!canBeEqual(x.shape.at(-1)!, scale.shape[0]!)) {
      throw shapeError('LayerNormalization', [x.shape, scale.shape]);
    }
    const attributes = { axis: -1, epsilon: { float: epsilon } };
    return this.#one('LayerNormalization', [x, scale, bias], x.dtype, x.shape, { attributes });
  }

  /** A node of ONNX Runtime's own domain. */
  microsoft(
    operator: string,
    inputs: readonly (Value | undefined)[],
    outputs: readonly (OutputSpec | undefined)[],
    attributes: NodeOptions['attributes'] = {},
  ): Value[] {
    return this.node(operator, inputs, outputs, { attributes, domain: MICROSOFT });
  }

  #binary(operator: string, a: Operand, b: Operand, dtype?: DataType): Value {
    const [left, right] = this.#operands(operator, a, b);
    const shape = broadcast(operator, [left.shape, right.shape]);
    return this.#one(operator, [left, right], dtype ?? left.dtype, shape);
  }

  #operands(operator: string, a: Operand, b: Operand): [Value, Value] {
    const dtype = typeof a !== 'number' ? a.dtype : typeof b !== 'number' ? b.dtype : 'float32';
    const [left, right] = [a, b].map((operand) =>
      typeof operand === 'number'
        ? this.scalar(operand, dtype as 'float32' | 'int32' | 'int64')
        : operand,
    ) as [Value, Value];
    if (left.dtype !== right.dtype) {
      throw new SpeechError(
        'GRAPH_INVALID',
        `${operator} cannot mix ${left.dtype} and ${right.dtype}.`,
      );
    }
    return [left, right];
  }

  #reduced(x: Value, axis: number, keepDims: boolean): { at: number; shape: Dim[] } {
    const at = normalizeAxis(x.shape, axis);
    const shape = x.shape.flatMap((dim, index) => (index !== at ? [dim] : keepDims ? [1] : []));
    return { at, shape };
  }

  #one(
    operator: string,
    inputs: readonly (Value | undefined)[],
    dtype: DataType,
    shape: Shape,
    options?: NodeOptions,
  ): Value {
    return this.node(operator, inputs, [{ dtype, shape }], options)[0]!;
  }
}
