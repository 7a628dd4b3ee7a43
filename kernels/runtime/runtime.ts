import { SpeechError } from '../../base/errors.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import type { Value } from '../onnx/graph.js';
import type { Device, DeviceName, Precision } from './device-names.js';
import { chooseDevice } from './devices.js';
import { GraphSession, type RunQueue } from './graph-session.js';
import { InferenceSession, Tensor } from './onnxruntime.js';

/** Options of {@link Runtime.create}. */
export type RuntimeOptions = {
  /** The device; `auto` by default. */
  device?: DeviceName;
  /** Threads of the CPU provider, at least 1; the cores of the machine by default. */
  threads?: number;
  /**
   * `quantized` rounds weights of matrix products to 4 or 8 bits, and what they are multiplied with to 8;
   * `auto` does so on the CPU; `float32` by default.
   */
  precision?: Precision | 'auto';
  /**
   * Whether streams of speech share every run, each in a row of one state that stays on the device,
   * instead of taking turns; true on WebGPU and false elsewhere by default.
   */
  slots?: boolean;
};

/** Options of {@link Runtime.load}. */
export type LoadOptions = {
  /** The output that continues each state input; {@link streamStates} makes them. */
  stateNames?: Readonly<Record<string, string>>;
  /** Threads of the CPU provider, at most, for a graph of small nodes; the runtime's by default. */
  maxThreads?: number;
  /** `cpu` for a graph that is too small for a GPU; the runtime's device by default. */
  device?: 'cpu';
};

/**
 * Loads graphs on one device. A run blocks the thread it is called from, so this belongs in a worker
 * thread. On a GPU runs wait for each other, because the provider takes one at a time.
 */
export class Runtime {
  /** The device that was chosen. */
  readonly device: Device;
  /** What networks that allow 8 bits are to be built with. */
  readonly precision: Precision;
  /** Whether graphs of speech are to be built with slots. */
  readonly hasSlots: boolean;
  readonly #threads: number | undefined;
  readonly #sessions = new Set<GraphSession>();
  readonly #keepers: InferenceSession[] = [];
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  private constructor(
    device: Device,
    threads: number | undefined,
    precision: Precision,
    hasSlots: boolean,
  ) {
    this.device = device;
    this.precision = precision;
    this.hasSlots = hasSlots;
    this.#threads = threads;
  }

  /**
   * Chooses the device and the precision.
   *
   * @throws {SpeechError} `DEVICE_UNAVAILABLE` if the device that was asked for does not work here.
   */
  static async create(options: RuntimeOptions = {}): Promise<Runtime> {
    const { device = 'auto', threads, precision = 'float32' } = options;
    const chosen = await chooseDevice(device);
    const best = chosen === 'cpu' ? 'quantized' : 'float32';
    const { slots = chosen === 'webgpu' } = options;
    return new Runtime(chosen, threads, precision === 'auto' ? best : precision, slots);
  }

  /**
   * Loads a graph.
   *
   * @param name - What errors call it.
   * @param model - The bytes of an ONNX model.
   * @param options - Its states.
   * @throws {SpeechError} `GRAPH_INVALID` if the runtime refuses it, `ENGINE_CLOSED` after
   * {@link Runtime.close}.
   */
  async load(name: string, model: Uint8Array, options: LoadOptions = {}): Promise<GraphSession> {
    this.#checkOpen();
    const { stateNames = {}, device = this.device } = options;
    const session = await this.#createSession(name, model, {
      ...options,
      device,
      kept: Object.values(stateNames),
    });
    try {
      this.#checkOpen();
    } catch (error) {
      // nobody else would free it
      await session.release();
      throw error;
    }
    const loaded = new GraphSession(name, session, stateNames, {
      queue: device === 'cpu' ? (task) => task() : this.#queue,
      read: (tensors) => this.#read(tensors),
      widen: (tensors, numMore) => this.#widen(tensors, numMore),
      onClose: (closed) => this.#sessions.delete(closed),
    });
    this.#sessions.add(loaded);
    return loaded;
  }

  /** Has no more graphs loaded: what is being loaded fails with `ENGINE_CLOSED`. */
  stop(): void {
    this.#isClosed = true;
  }

  /**
   * Frees all graphs; no more can be loaded. On a GPU states are to be closed before: they lie in memory of
   * their graph's session.
   */
  async close(): Promise<void> {
    this.stop();
    await Promise.all([...this.#sessions].map((session) => session.close()));
    await Promise.all(this.#keepers.splice(0).map((session) => session.release()));
  }

  #checkOpen(): void {
    if (this.#isClosed) {
      throw new SpeechError('ENGINE_CLOSED', 'The engine was closed.');
    }
  }

  /** On the CPU runs may overlap; they block the thread one by one anyhow. */
  readonly #queue: RunQueue = (task) => {
    const result = this.device === 'cpu' ? task() : this.#last.then(task);
    this.#last = result.catch(() => undefined);
    return result;
  };

  async #createSession(
    name: string,
    model: Uint8Array,
    {
      device = this.device,
      kept = [],
      maxThreads = Infinity,
    }: { device?: Device; kept?: readonly string[]; maxThreads?: number } = {},
  ): Promise<InferenceSession> {
    const options: InferenceSession.SessionOptions = {
      executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
      graphOptimizationLevel: 'all',
      interOpNumThreads: 1,
      logSeverityLevel: 3,
      // every session has threads of its own; left to spin after a run they take the cores from the
      // next session's, which made a chain of three networks five times slower
      extra: { session: { force_spinning_stop: '1', set_denormal_as_zero: '1' } },
    };
    const threads = Math.min(this.#threads ?? Infinity, maxThreads);
    if (threads !== Infinity) {
      options.intraOpNumThreads = threads;
    }
    if (device === 'webgpu' && kept.length > 0) {
      options.preferredOutputLocation = Object.fromEntries(
        kept.map((output) => [output, 'gpu-buffer' as const]),
      );
    }
    try {
      return await InferenceSession.create(model, options);
    } catch (error) {
      throw new SpeechError(
        'GRAPH_INVALID',
        `The runtime cannot load the graph ${name} on ${device}.`,
        { graph: name, device },
        { cause: error },
      );
    }
  }

  /** A tensor on the GPU cannot be read by itself; a graph that does nothing brings it down. */
  async #read(tensors: readonly Tensor[]): Promise<Float32Array[]> {
    if (tensors.every((tensor) => tensor.location !== 'gpu-buffer')) {
      return tensors.map((tensor) => tensor.data as Float32Array);
    }
    // x + 0 and not the identity, which the provider might answer with the same buffer
    const copies = await this.#map('copy', tensors, (graph, x) => graph.add(x, 0), false);
    return copies.map((copy) => copy.data as Float32Array);
  }

  #widen(tensors: readonly Tensor[], numMore: number): Promise<Tensor[]> {
    return this.#map('widen', tensors, (graph, x) => graph.padZeros(x, 0, 0, numMore), true);
  }

  /** Runs a small graph over tensors; what it gives stays on the device, or comes to main memory. */
  async #map(
    name: string,
    tensors: readonly Tensor[],
    build: (graph: GraphBuilder, x: Value) => Value,
    isKept: boolean,
  ): Promise<Tensor[]> {
    const graph = new GraphBuilder(name);
    const feeds: Record<string, Tensor> = {};
    const names = tensors.map((_, index) => `out_${index}`);
    tensors.forEach((tensor, index) => {
      const input = graph.input(`in_${index}`, 'float32', tensor.dims);
      graph.output(names[index]!, build(graph, input));
      feeds[`in_${index}`] = tensor;
    });
    const session = await this.#createSession(name, graph.build(), { kept: isKept ? names : [] });
    if (isKept) {
      // what stays on the device lies in the session's memory, which must outlive it
      this.#keepers.push(session);
    }
    try {
      const outputs = await this.#queue(() => session.run(feeds));
      return names.map((output) => outputs[output]!);
    } finally {
      if (!isKept) {
        await session.release();
      }
    }
  }
}

/**
 * Names the states of a graph as `Graph.state` does.
 *
 * @param count - How many there are.
 * @returns `state_0` to `next_state_0` and so on, for {@link LoadOptions.stateNames}.
 */
export function streamStates(count: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`state_${index}`, `next_state_${index}`]),
  );
}
