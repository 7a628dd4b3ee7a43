import { SpeechError } from '../../base/errors.js';
import type { TensorLike } from '../onnx/tensor.js';
import type { GraphSession } from './graph-session.js';
import type { StateBlock, StreamState } from './state-block.js';

/** Rows at first; they double whenever there are more streams. */
const FIRST_ROWS = 8;

const NOTHING = new Uint8Array(0);

/** A stream's row in the state that all streams of a graph share. Runs of one slot must not overlap. */
export class Slot implements StreamState {
  /** Index of its row. */
  readonly row: number;
  /** Whether it has had no run yet, so that its states are still to begin. */
  isFresh = true;
  readonly #pool: SlotPool;

  /** Made by {@link SlotPool.open}. */
  constructor(pool: SlotPool, row: number) {
    this.#pool = pool;
    this.row = row;
  }

  /** @param state - Of a stream of a pool. @returns The same. @throws {SpeechError} `STATE_INVALID` if it is none. */
  static of(state: StreamState): Slot {
    if (!(state instanceof Slot)) {
      throw new SpeechError('STATE_INVALID', 'The state is no slot of this graph.');
    }
    return state;
  }

  /** Goes back to the start. */
  reset(): void {
    this.isFresh = true;
  }

  /** As {@link StateBlock.snapshot}; no bytes of a slot that had no run. */
  snapshot(): Promise<Uint8Array> {
    return this.#pool.snapshot(this);
  }

  /** As {@link StateBlock.restoreRow}; no bytes let it begin anew. */
  restore(bytes: Uint8Array): Promise<void> {
    return this.#pool.restore(this, bytes);
  }

  /** Gives the row back. Safe to call twice. */
  close(): void {
    this.#pool.free(this);
  }
}

/**
 * The streams of a graph that was built with slots: all share one state with a row for each, which
 * never leaves the device. A run always takes all rows, whoever has work, because on a GPU that costs
 * no more and no state has to be moved.
 */
export class SlotPool {
  readonly #session: GraphSession;
  readonly #state: StateBlock;
  #slots: (Slot | undefined)[] = Array<undefined>(FIRST_ROWS).fill(undefined);
  #fresh = new Int32Array(0);
  #active = new Int32Array(0);
  #last: Promise<unknown> = Promise.resolve();

  /** @param session - The graph; its `fresh` and `active` are fed by this object. */
  constructor(session: GraphSession) {
    this.#session = session;
    this.#state = session.newState(FIRST_ROWS);
  }

  /** Rows of the next run, `B`. */
  get numRows(): number {
    return this.#slots.length;
  }

  /** Takes a row for a stream; if all are taken, the next run has twice as many. */
  open(): Slot {
    let row = this.#slots.indexOf(undefined);
    if (row < 0) {
      row = this.#slots.length;
      this.#slots = [...this.#slots, ...Array<undefined>(row).fill(undefined)];
    }
    const slot = new Slot(this, row);
    this.#slots[row] = slot;
    return slot;
  }

  /** Takes a slot's row back. */
  free(slot: Slot): void {
    if (this.#slots[slot.row] === slot) {
      this.#slots[slot.row] = undefined;
    }
  }

  /**
   * Runs the graph once; the states of the given slots go on, all others stay as they are.
   *
   * @param slots - Those that take part.
   * @param makeFeeds - Called when it is their turn, with the number of rows `B`: every input but the
   * states, `fresh` and `active`. What it gives for rows that take no part is of no account.
   * @returns The outputs that are not states, of all rows.
   * @throws {SpeechError} `STATE_INVALID` if a slot was closed; `ENGINE_CLOSED`. All states are then as
   * they were.
   */
  run(
    slots: readonly Slot[],
    makeFeeds: (numRows: number) => Readonly<Record<string, TensorLike>>,
  ): Promise<Record<string, TensorLike>> {
    return this.#inTurn(() => this.#run(slots, makeFeeds));
  }

  /** See {@link Slot.snapshot}. */
  snapshot(slot: Slot): Promise<Uint8Array> {
    return this.#inTurn(async () => {
      this.#checkOpen([slot]);
      return slot.isFresh ? NOTHING : this.#state.snapshotRow(slot.row);
    });
  }

  /** See {@link Slot.restore}. */
  restore(slot: Slot, bytes: Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      this.#checkOpen([slot]);
      if (bytes.length === 0) {
        slot.reset();
        return;
      }
      // the row of a slot that was opened a moment ago may not exist yet
      await this.#state.widen(this.numRows);
      await this.#state.restoreRow(slot.row, bytes);
      slot.isFresh = false;
    });
  }

  /** Frees the state. */
  close(): void {
    this.#state.close();
  }

  async #run(
    slots: readonly Slot[],
    makeFeeds: (numRows: number) => Readonly<Record<string, TensorLike>>,
  ): Promise<Record<string, TensorLike>> {
    const { numRows } = this;
    this.#checkOpen(slots);
    await this.#state.widen(numRows);
    if (this.#fresh.length !== numRows) {
      this.#fresh = new Int32Array(numRows);
      this.#active = new Int32Array(numRows);
    }
    this.#fresh.fill(0);
    this.#active.fill(0);
    for (const { row, isFresh } of slots) {
      this.#fresh[row] = Number(isFresh);
      this.#active[row] = 1;
    }
    const mask = (data: Int32Array): TensorLike => ({ dtype: 'int32', shape: [numRows], data });
    const masks = { fresh: mask(this.#fresh), active: mask(this.#active) };
    const feeds = { ...makeFeeds(numRows), ...masks };
    const outputs = await this.#session.runWithState(feeds, this.#state);
    for (const slot of slots) {
      slot.isFresh = false;
    }
    return outputs;
  }

  /** What one task reads of the state no other may replace meanwhile. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#last.then(task);
    this.#last = done.catch(() => undefined);
    return done;
  }

  #checkOpen(slots: readonly Slot[]): void {
    if (slots.some((slot) => this.#slots[slot.row] !== slot)) {
      throw new SpeechError('STATE_INVALID', 'The state was closed.');
    }
  }
}
