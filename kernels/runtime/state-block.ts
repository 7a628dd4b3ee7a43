import { joinSamples } from '../../base/arrays.js';
import { SpeechError } from '../../base/errors.js';
import { float32, numElements } from '../onnx/tensor.js';
import { Tensor } from './onnxruntime.js';
import { toRuntimeTensor } from './tensors.js';

/** A state input of a graph and the output that continues it. */
export type StateSpec = {
  /** Name of the input. */
  input: string;
  /** Name of the output. */
  output: string;
  /** Sizes, with the batch axis first. */
  shape: readonly number[];
};

/** Copies states from the device to main memory, in order. */
export type StateReader = (tensors: readonly Tensor[]) => Promise<Float32Array[]>;

/** Copies states on the device, in order, with so many more rows of zeros at the end. */
export type StateWidener = (tensors: readonly Tensor[], numMore: number) => Promise<Tensor[]>;

/** What a device does with states beside running graphs. */
export type StateDevice = { read: StateReader; widen: StateWidener };

/** What one stream of a graph remembers, wherever it lies. */
export interface StreamState {
  /** Copies the states to bytes: float32 elements of all states in order. */
  snapshot(): Promise<Uint8Array>;
  /** Takes the states of a {@link snapshot}. @throws {SpeechError} `STATE_INVALID` if the length does not fit. */
  restore(bytes: Uint8Array): void | Promise<void>;
  /** Goes back to the start. */
  reset(): void;
  /** Frees the states. Safe to call twice. */
  close(): void;
}

/**
 * What one stream remembers between runs of a graph: zeros at first. On a GPU it stays there.
 * Closing it frees the GPU's memory; on the CPU it is garbage like any other.
 */
export class StateBlock implements StreamState {
  readonly #device: StateDevice;
  #specs: readonly StateSpec[];
  #tensors: Tensor[];
  #isClosed = false;

  /** @param specs - The states. @param device - Where they lie. */
  constructor(specs: readonly StateSpec[], device: StateDevice) {
    this.#specs = specs;
    this.#device = device;
    this.#tensors = specs.map(zeros);
  }

  /** @param state - Of a stream by itself. @returns The same. @throws {SpeechError} `STATE_INVALID` if it is a slot. */
  static of(state: StreamState): StateBlock {
    if (!(state instanceof StateBlock)) {
      throw new SpeechError('STATE_INVALID', 'The state is a slot, not a block of its own.');
    }
    return state;
  }

  /** The states as feeds of the graph. @throws {SpeechError} `STATE_INVALID` after {@link close}. */
  feeds(): Record<string, Tensor> {
    this.#checkOpen();
    return Object.fromEntries(
      this.#specs.map(({ input }, index) => [input, this.#tensors[index]!]),
    );
  }

  /** @param outputs - What the graph returned; its states are taken over, or freed after {@link close}. */
  advance(outputs: Readonly<Record<string, Tensor>>): void {
    if (this.#isClosed) {
      dispose(this.#specs.map(({ output }) => outputs[output]!));
      return;
    }
    this.#replace(this.#specs.map(({ output }) => outputs[output]!));
  }

  /** Goes back to zeros. */
  reset(): void {
    this.#checkOpen();
    this.#replace(this.#specs.map(zeros));
  }

  /**
   * Copies the states to bytes.
   *
   * @returns float32 elements of all states in order; {@link restore} reads them.
   */
  async snapshot(): Promise<Uint8Array> {
    this.#checkOpen();
    return joinBytes(await this.#device.read(this.#tensors));
  }

  /** As {@link snapshot}, of one row of the batch only. @param row - Its index. */
  async snapshotRow(row: number): Promise<Uint8Array> {
    this.#checkOpen();
    const parts = await this.#device.read(this.#tensors);
    return joinBytes(
      parts.map((part, index) => {
        const size = part.length / this.#specs[index]!.shape[0]!;
        return part.subarray(row * size, (row + 1) * size);
      }),
    );
  }

  /**
   * As {@link restore}, of one row of the batch. On a GPU all rows take the way through main memory.
   *
   * @param row - Its index.
   * @param bytes - From {@link snapshotRow}.
   * @throws {SpeechError} `STATE_INVALID` if the length does not fit.
   */
  async restoreRow(row: number, bytes: Uint8Array): Promise<void> {
    this.#checkOpen();
    const numRows = this.#specs[0]?.shape[0] ?? 1;
    checkLength(bytes, this.#numBytes() / numRows);
    const parts = await this.#device.read(this.#tensors);
    let offset = 0;
    this.#replace(
      this.#specs.map(({ shape }, index) => {
        const data = parts[index]!.slice();
        const size = data.length / numRows;
        const { buffer } = bytes.slice(offset, offset + 4 * size);
        offset += 4 * size;
        data.set(new Float32Array(buffer), row * size);
        return toRuntimeTensor(float32(shape, data));
      }),
    );
  }

  /**
   * Adds rows of zeros to the batch, without leaving the device. Runs must not overlap with it.
   *
   * @param numRows - The batch afterwards, at least what it is.
   */
  async widen(numRows: number): Promise<void> {
    this.#checkOpen();
    const numMore = numRows - (this.#specs[0]?.shape[0] ?? numRows);
    if (numMore > 0) {
      const tensors = await this.#device.widen(this.#tensors, numMore);
      if (this.#isClosed) {
        dispose(tensors);
        return;
      }
      this.#specs = this.#specs.map((spec) => ({
        ...spec,
        shape: [numRows, ...spec.shape.slice(1)],
      }));
      this.#replace(tensors);
    }
  }

  /**
   * Takes the states of a {@link snapshot}.
   *
   * @param bytes - From a block of the same graph.
   * @throws {SpeechError} `STATE_INVALID` if the length does not fit.
   */
  restore(bytes: Uint8Array): void {
    this.#checkOpen();
    checkLength(bytes, this.#numBytes());
    let offset = 0;
    this.#replace(
      this.#specs.map(({ shape }) => {
        const numBytes = 4 * numElements(shape);
        // a copy, because typed arrays want aligned offsets
        const { buffer } = bytes.slice(offset, offset + numBytes);
        offset += numBytes;
        return toRuntimeTensor(float32(shape, new Float32Array(buffer)));
      }),
    );
  }

  /**
   * Puts the states of several streams of one graph side by side.
   *
   * @param blocks - Blocks with a batch of 1, at least one.
   * @returns A block with a batch of as many, for {@link separate}; close it.
   */
  static async join(blocks: readonly StateBlock[]): Promise<StateBlock> {
    const [first] = blocks;
    const parts = await Promise.all(blocks.map((block) => first!.#device.read(block.#tensors)));
    const specs = first!.#specs.map((spec) => ({
      ...spec,
      shape: [blocks.length, ...spec.shape.slice(1)],
    }));
    const joined = new StateBlock(specs, first!.#device);
    joined.#replace(
      specs.map(({ shape }, index) => {
        const data = new Float32Array(numElements(shape));
        for (const [row, part] of parts.entries()) {
          data.set(part[index]!, (row * data.length) / blocks.length);
        }
        return toRuntimeTensor(float32(shape, data));
      }),
    );
    return joined;
  }

  /** Gives each stream its row of the states. @param blocks - As they were joined. */
  async separate(blocks: readonly StateBlock[]): Promise<void> {
    this.#checkOpen();
    const parts = await this.#device.read(this.#tensors);
    for (const [row, block] of blocks.entries()) {
      const outputs = block.#specs.map(({ output, shape }, index) => {
        const size = numElements(shape);
        const data = parts[index]!.slice(row * size, (row + 1) * size);
        return [output, toRuntimeTensor(float32(shape, data))] as const;
      });
      block.advance(Object.fromEntries(outputs));
    }
  }

  /** Makes a second stream that goes on from here; the two do not affect each other. */
  async fork(): Promise<StateBlock> {
    const copy = new StateBlock(this.#specs, this.#device);
    copy.restore(await this.snapshot());
    return copy;
  }

  /** Frees the states. Safe to call twice. */
  close(): void {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#replace([]);
    }
  }

  #replace(tensors: Tensor[]): void {
    const kept = new Set(tensors);
    dispose(this.#tensors.filter((tensor) => !kept.has(tensor)));
    this.#tensors = tensors;
  }

  #numBytes(): number {
    return this.#specs.reduce((sum, { shape }) => sum + 4 * numElements(shape), 0);
  }

  #checkOpen(): void {
    if (this.#isClosed) {
      throw new SpeechError('STATE_INVALID', 'The state was closed.');
    }
  }
}

function joinBytes(parts: readonly Float32Array[]): Uint8Array {
  return new Uint8Array(joinSamples(parts).buffer);
}

function checkLength(bytes: Uint8Array, numBytes: number): void {
  if (bytes.length !== numBytes) {
    throw new SpeechError(
      'STATE_INVALID',
      `The snapshot has ${bytes.length} bytes; this graph's states have ${numBytes}.`,
    );
  }
}

function dispose(tensors: readonly Tensor[]): void {
  for (const tensor of tensors) {
    if (tensor.location === 'gpu-buffer') {
      tensor.dispose();
    }
  }
}

function zeros({ shape }: StateSpec): Tensor {
  return toRuntimeTensor(float32(shape));
}
