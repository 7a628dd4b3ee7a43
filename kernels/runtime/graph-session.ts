import { SpeechError } from '../../base/errors.js';
import type { TensorLike } from '../onnx/tensor.js';
import type { InferenceSession, Tensor } from './onnxruntime.js';
import { StateBlock, type StateDevice, type StateSpec } from './state-block.js';
import { fromRuntimeTensor, toRuntimeTensor } from './tensors.js';

/** Runs a task when the device is free. */
export type RunQueue = <T>(task: () => Promise<T>) => Promise<T>;

/** A graph that is loaded on a device. It is shared; what a stream remembers is in a `StateBlock`. */
export class GraphSession {
  readonly #name: string;
  readonly #session: InferenceSession;
  readonly #states: readonly { input: string; output: string; shape: (number | string)[] }[];
  readonly #stateOutputs: ReadonlySet<string>;
  readonly #queue: RunQueue;
  readonly #device: StateDevice;
  readonly #onClose: (session: GraphSession) => void;
  #isClosed = false;

  /**
   * @param name - What errors call the graph.
   * @param session - The loaded graph.
   * @param stateNames - Output that continues each state input.
   * @param device - How to wait for the device, what to do with states on it, and how to tell of the end.
   */
  constructor(
    name: string,
    session: InferenceSession,
    stateNames: Readonly<Record<string, string>>,
    device: StateDevice & { queue: RunQueue; onClose: (session: GraphSession) => void },
  ) {
    this.#name = name;
    this.#session = session;
    this.#queue = device.queue;
    this.#device = device;
    this.#onClose = device.onClose;
    this.#stateOutputs = new Set(Object.values(stateNames));
    this.#states = Object.entries(stateNames).map(([input, output]) => {
      const metadata = session.inputMetadata.find((entry) => entry.name === input);
      if (metadata?.isTensor !== true) {
        throw new SpeechError('GRAPH_INVALID', `${name} has no input ${input}.`);
      }
      return { input, output, shape: [...metadata.shape] };
    });
  }

  /**
   * Runs the graph once.
   *
   * @param feeds - Every input of the graph; taken as they are, not copied.
   * @returns Every output, in main memory.
   * @throws {SpeechError} `ENGINE_CLOSED` after {@link close}.
   */
  async run(feeds: Readonly<Record<string, TensorLike>>): Promise<Record<string, TensorLike>> {
    return toPlain(await this.#run(feeds, {}), undefined);
  }

  /**
   * Makes the state of a new stream, all zeros.
   *
   * @param batch - Size of the batch axis and of any other axis known by name only.
   */
  newState(batch = 1): StateBlock {
    const specs = this.#states.map(({ input, output, shape }): StateSpec => {
      return { input, output, shape: shape.map((dim) => (typeof dim === 'number' ? dim : batch)) };
    });
    return new StateBlock(specs, this.#device);
  }

  /**
   * Runs the graph once for a stream, whose state goes on.
   *
   * @param feeds - The inputs that are not states.
   * @param state - From {@link newState}. Runs on one state must not overlap.
   * @returns The outputs that are not states.
   * @throws {SpeechError} `STATE_INVALID` if the state was closed; `ENGINE_CLOSED` after
   * {@link close}. The state is then as it was.
   */
  runWithState(
    feeds: Readonly<Record<string, TensorLike>>,
    state: StateBlock,
  ): Promise<Record<string, TensorLike>> {
    return this.runWithStates(feeds, [state]);
  }

  /**
   * Runs the graph once for several streams, whose states go on.
   *
   * @param feeds - The inputs that are not states, one row a stream.
   * @param states - From {@link newState}, each with a batch of 1; at least one.
   * @param check - Looks at the outputs that are not states; if it throws, the states stay as they were.
   * @returns The outputs that are not states.
   * @throws {SpeechError} As {@link runWithState}, and what `check` throws.
   */
  async runWithStates(
    feeds: Readonly<Record<string, TensorLike>>,
    states: readonly StateBlock[],
    check: (outputs: Readonly<Record<string, TensorLike>>) => void = () => undefined,
  ): Promise<Record<string, TensorLike>> {
    const alone = states.length === 1 ? states[0] : undefined;
    const state = alone ?? (await StateBlock.join(states));
    try {
      const outputs = await this.#run(feeds, state.feeds());
      const plain = toPlain(outputs, this.#stateOutputs);
      check(plain);
      state.advance(outputs);
      if (alone === undefined) {
        await state.separate(states);
      }
      return plain;
    } finally {
      if (alone === undefined) {
        state.close();
      }
    }
  }

  /** Frees the graph and its weights. Safe to call twice. */
  async close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#onClose(this);
      await this.#queue(() => this.#session.release());
    }
  }

  #run(
    feeds: Readonly<Record<string, TensorLike>>,
    states: Record<string, Tensor>,
  ): Promise<Record<string, Tensor>> {
    return this.#queue(async () => {
      if (this.#isClosed) {
        throw new SpeechError('ENGINE_CLOSED', `The graph ${this.#name} was closed.`);
      }
      const inputs: Record<string, Tensor> = { ...states };
      for (const [name, tensor] of Object.entries(feeds)) {
        inputs[name] = toRuntimeTensor(tensor);
      }
      return await this.#session.run(inputs);
    });
  }
}

function toPlain(
  outputs: Readonly<Record<string, Tensor>>,
  without: ReadonlySet<string> | undefined,
): Record<string, TensorLike> {
  const plain: Record<string, TensorLike> = {};
  for (const [name, tensor] of Object.entries(outputs)) {
    if (without?.has(name) !== true) {
      plain[name] = fromRuntimeTensor(tensor);
    }
  }
  return plain;
}
