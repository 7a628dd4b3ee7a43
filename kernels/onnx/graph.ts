import onnxProto from 'onnx-proto';
import { SpeechError } from '../../base/errors.js';
import type { Dim, Shape } from './shapes.js';
import { numElements, ONNX_TYPE, type DataType, type TensorLike } from './tensor.js';

const { onnx } = onnxProto;

/** Version of ONNX's own operators; `Gelu` came with 20. */
const OPSET = 20;
const IR_VERSION = 9;
/** Domain of ONNX Runtime's own operators. */
export const MICROSOFT = 'com.microsoft';

/** A typed value that flows through a graph. */
export type Value = {
  /** Its name in the graph. */
  readonly name: string;
  /** Element type. */
  readonly dtype: DataType;
  /** Sizes, known now or by name only. */
  readonly shape: Shape;
};

/** A node's attribute: a string, a list of integers, a real number, or else an integer. */
export type Attribute = string | number | readonly number[] | { float: number };

/** A result of a node, as its operator defines it. */
export type OutputSpec = { dtype: DataType; shape: Shape };

/** How a node differs from the usual. */
export type NodeOptions = {
  /** The operator's attributes. */
  attributes?: Readonly<Record<string, Attribute | undefined>>;
  /** The operator's domain; ONNX's own by default. */
  domain?: string;
};

type NodeProto = InstanceType<typeof onnx.NodeProto>;

/**
 * How the matrices of a network lie in its graph: as they are; in 4 bits by blocks of inputs, for one
 * row at a time; or in 8 bits by columns, for many rows at a time.
 */
export type WeightFormat = 'float32' | 'int4-blocks' | 'int8-rows';

/** A graph being written: inputs, constants, nodes and outputs, in ONNX's own terms. */
export class Graph {
  readonly #name: string;
  readonly #nodes: NodeProto[] = [];
  readonly #initializers: InstanceType<typeof onnx.TensorProto>[] = [];
  readonly #inputs: Value[] = [];
  readonly #outputs: Value[] = [];
  readonly #states: { input: Value; value: Value; hasNext: boolean }[] = [];
  readonly #masks: { fresh: Value; active: Value } | undefined;
  readonly #names = new Map<string, number>();
  readonly #shared = new Map<string, Value>();
  readonly #scope: string[] = [];
  #dims = 0;

  #weightFormat: WeightFormat;

  /**
   * @param name - Name of the graph, as a viewer shows it.
   * @param weightFormat - How matrices of the model are stored.
   * @param hasSlots - Whether each row is a slot that streams take in turn, see `SlotPool`: two more
   * inputs, int32 `[B]`, say of each row whether its stream is new (`fresh`: its states are to begin
   * anew) and whether it takes part in the run (`active`: otherwise its states stay as they are).
   */
  constructor(name: string, weightFormat: WeightFormat = 'float32', hasSlots = false) {
    this.#name = name;
    this.#weightFormat = weightFormat;
    this.#masks = hasSlots
      ? { fresh: this.input('fresh', 'int32', ['B']), active: this.input('active', 'int32', ['B']) }
      : undefined;
  }

  /**
   * Declares an input.
   *
   * @param name - What it is fed as.
   * @param dtype - Element type.
   * @param shape - Sizes; names such as `B` and `T` for what is known only in a run.
   */
  input(name: string, dtype: DataType, shape: Shape): Value {
    const value = { name: this.#unique(name, false), dtype, shape };
    this.#inputs.push(value);
    return value;
  }

  /**
   * Declares an output.
   *
   * @param name - What it is fetched as.
   * @param value - What it is; it may be an output under several names.
   */
  output(name: string, value: Value): void {
    const output = { ...value, name: this.#unique(name, false) };
    this.#push('Identity', [value], [output.name], {});
    this.#outputs.push(output);
  }

  /**
   * Declares a state of a stream: an input `state_0`, `state_1`, ... that {@link nextState} continues.
   *
   * @param shape - Sizes without the batch axis, which comes first.
   * @param batch - The batch axis.
   * @param start - What it is for a new stream, of the same shape, in a graph with slots; zeros by default.
   * @returns The state before the run, float32 `[batch, ...shape]`.
   */
  state(shape: readonly number[], batch: Dim = 'B', start?: Value): Value {
    const input = this.input(`state_${this.#states.length}`, 'float32', [batch, ...shape]);
    const value =
      this.#masks === undefined
        ? input
        : this.#choose(this.#masks.fresh, start ?? this.scalar(0), input);
    this.#states.push({ input, value, hasNext: false });
    return value;
  }

  /**
   * Says what a state is after the run: the output `next_state_0`, ...
   *
   * @param state - What {@link state} returned.
   * @param next - Its value for the next run, of the same shape.
   */
  nextState(state: Value, next: Value): void {
    const index = this.#states.findIndex(({ value }) => value === state);
    const entry = this.#states[index];
    if (entry === undefined || entry.hasNext) {
      throw new SpeechError('GRAPH_INVALID', `${state.name} is no state, or was continued twice.`);
    }
    entry.hasNext = true;
    const kept =
      this.#masks === undefined ? next : this.#choose(this.#masks.active, next, entry.input);
    this.output(`next_state_${index}`, kept);
  }

  /** How `denseProduct` stores matrices. */
  get weightFormat(): WeightFormat {
    return this.#weightFormat;
  }

  /** How many states were declared. */
  get numStates(): number {
    return this.#states.length;
  }

  /** The states: names of the input and of the output that continues it, and sizes. */
  get states(): { input: string; output: string; shape: Shape }[] {
    return this.#states.map(({ input }, index) => {
      return { input: input.name, output: `next_state_${index}`, shape: input.shape };
    });
  }

  /**
   * Stores a tensor in the graph.
   *
   * @param tensor - Its data is not copied before {@link build}.
   * @param name - Name in the graph.
   */
  constant(tensor: TensorLike, name = 'constant'): Value {
    const { dtype, shape, data } = tensor;
    if (data.length !== numElements(shape)) {
      throw new SpeechError(
        'GRAPH_INVALID',
        `${name} has ${data.length} elements; its shape is [${shape.join(', ')}].`,
      );
    }
    const value = { name: this.#unique(name), dtype, shape };
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#initializers.push(
      onnx.TensorProto.create({
        name: value.name,
        dims: [...shape],
        dataType: ONNX_TYPE[dtype],
        rawData,
      }),
    );
    return value;
  }

  /**
   * Makes a value once: a network that is unrolled must not store its weights again for each step.
   *
   * @param key - What it is; the same key gives the same value.
   * @param make - Adds the constant, or nodes that depend on constants only.
   */
  shared(key: string, make: () => Value): Value {
    let value = this.#shared.get(key);
    if (value === undefined) {
      value = make();
      this.#shared.set(key, value);
    }
    return value;
  }

  /**
   * Stores a number; the same number is stored once.
   *
   * @param value - The number.
   * @param dtype - float32 by default.
   */
  scalar(value: number, dtype: 'float32' | 'int32' | 'int64' = 'float32'): Value {
    return this.shared(`${dtype} ${value}`, () =>
      this.constant({ dtype, shape: [], data: numberArray(dtype, [value]) }, `${dtype}_${value}`),
    );
  }

  /**
   * Stores a list of integers, as shapes and axes are given to operators.
   *
   * @param values - Integers.
   * @returns int64 `[values.length]`.
   */
  ints(values: readonly number[]): Value {
    return this.shared(`ints ${values.join()}`, () =>
      this.constant(
        { dtype: 'int64', shape: [values.length], data: numberArray('int64', values) },
        `ints_${values.join('_')}`,
      ),
    );
  }

  /**
   * Adds a node.
   *
   * @param operator - The operator's name.
   * @param inputs - Its inputs in order; undefined for an optional one that is left out.
   * @param outputs - Type and shape of each result.
   * @param options - Attributes and domain.
   * @returns The results.
   */
  node(
    operator: string,
    inputs: readonly (Value | undefined)[],
    outputs: readonly (OutputSpec | undefined)[],
    options: NodeOptions = {},
  ): Value[] {
    const values = outputs.map((output) => output && { name: this.#unique(operator), ...output });
    this.#push(
      operator,
      inputs,
      values.map((value) => value?.name ?? ''),
      options,
    );
    return values.filter((value) => value !== undefined);
  }

  /**
   * Names what is built inside after a part of the network, such as `enc1.0`.
   *
   * @param name - The part's name.
   * @param build - Adds nodes.
   * @returns What `build` returns.
   */
  scoped<T>(name: string, build: () => T): T {
    this.#scope.push(name);
    try {
      return build();
    } finally {
      this.#scope.pop();
    }
  }

  /**
   * Stores the matrices of what is built inside in another format.
   *
   * @param weightFormat - How `denseProduct` stores them.
   * @param build - Adds nodes.
   * @returns What `build` returns.
   */
  stored<T>(weightFormat: WeightFormat, build: () => T): T {
    const before = this.#weightFormat;
    this.#weightFormat = weightFormat;
    try {
      return build();
    } finally {
      this.#weightFormat = before;
    }
  }

  /** Makes a name for a size that is known only in a run. */
  unknownDim(): string {
    return `dim_${this.#dims++}`;
  }

  /**
   * Encodes the graph as an ONNX model.
   *
   * @returns The bytes of a `ModelProto`.
   * @throws {SpeechError} `GRAPH_INVALID` without an output, or if a state has no next value.
   */
  build(): Uint8Array {
    const lost = this.#states.find(({ hasNext }) => !hasNext);
    if (lost !== undefined || this.#outputs.length === 0) {
      throw new SpeechError(
        'GRAPH_INVALID',
        lost === undefined ? 'The graph has no output.' : `${lost.input.name} has no next value.`,
      );
    }
    const model = onnx.ModelProto.create({
      irVersion: IR_VERSION,
      producerName: 'linnet',
      opsetImport: [
        { domain: '', version: OPSET },
        { domain: MICROSOFT, version: 1 },
      ],
      graph: {
        name: this.#name,
        node: this.#nodes,
        initializer: this.#initializers,
        input: this.#inputs.map(valueInfo),
        output: this.#outputs.map(valueInfo),
      },
    });
    return onnx.ModelProto.encode(model).finish();
  }

  /** Rows of `a` where the mask int32 `[B]` is not 0, else those of `b`; a product would let NaN through. */
  #choose(mask: Value, a: Value, b: Value): Value {
    const rank = b.shape.length;
    const condition = this.shared(`${mask.name} of rank ${rank}`, () => {
      const ones = Array<number>(rank - 1).fill(1);
      const shape = [mask.shape[0]!, ...ones];
      const inputs = [mask, this.ints([-1, ...ones])];
      const [rows] = this.node('Reshape', inputs, [{ dtype: 'int32', shape }]);
      const attributes = { to: ONNX_TYPE.bool };
      return this.node('Cast', [rows], [{ dtype: 'bool', shape }], { attributes })[0]!;
    });
    return this.node('Where', [condition, a, b], [{ dtype: b.dtype, shape: b.shape }])[0]!;
  }

  #push(
    opType: string,
    inputs: readonly (Value | undefined)[],
    output: string[],
    { attributes = {}, domain = '' }: NodeOptions,
  ): void {
    this.#nodes.push(
      onnx.NodeProto.create({
        name: output[0] ?? opType,
        opType,
        domain,
        input: inputs.map((value) => value?.name ?? ''),
        output,
        attribute: Object.entries(attributes).flatMap(([name, value]) =>
          value === undefined ? [] : [attributeProto(name, value)],
        ),
      }),
    );
  }

  #unique(name: string, isScoped = true): string {
    const full = isScoped ? [...this.#scope, name].join('/') : name;
    const count = this.#names.get(full) ?? 0;
    this.#names.set(full, count + 1);
    if (count > 0 && !isScoped) {
      throw new SpeechError('GRAPH_INVALID', `The graph has two inputs or outputs named ${name}.`);
    }
    return count === 0 ? full : `${full}#${count}`;
  }
}

function valueInfo({ name, dtype, shape }: Value) {
  const dim = shape.map((size) =>
    typeof size === 'string' ? { dimParam: size } : { dimValue: size },
  );
  return { name, type: { tensorType: { elemType: ONNX_TYPE[dtype], shape: { dim } } } };
}

function attributeProto(name: string, value: Attribute) {
  const { AttributeType } = onnx.AttributeProto;
  if (typeof value === 'string') {
    return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) };
  }
  if (typeof value === 'number') {
    return { name, type: AttributeType.INT, i: value };
  }
  if ('float' in value) {
    return { name, type: AttributeType.FLOAT, f: value.float };
  }
  return { name, type: AttributeType.INTS, ints: [...value] };
}

function numberArray(dtype: 'float32' | 'int32' | 'int64', values: readonly number[]) {
  switch (dtype) {
    case 'float32':
      return Float32Array.from(values);
    case 'int32':
      return Int32Array.from(values);
    case 'int64':
      return BigInt64Array.from(values.map(BigInt));
  }
}
