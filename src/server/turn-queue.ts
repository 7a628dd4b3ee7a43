import { PriorityQueue, type Queue, type QueueAddOptions } from 'p-queue';

type Run = () => Promise<unknown>;

/** Who waits for a turn. */
export type TurnOptions = QueueAddOptions & {
  /** Whose first turn it is to be; left out by those that had one and take another. */
  caller?: string;
};

type Waiting = { run: Run; id: string | undefined };

/**
 * The order of those who wait for a turn: first turns before others, and among them one of each caller
 * in turn, so that whoever asks for much does not hold up the others; then by priority.
 */
export class TurnQueue implements Queue<Run, TurnOptions> {
  /** First turns by caller, who is next stands first; nobody's list is empty. */
  readonly #first = new Map<string, Waiting[]>();
  readonly #again = new PriorityQueue();

  /** How many wait. */
  get size(): number {
    const numFirst = [...this.#first.values()].reduce((sum, { length }) => sum + length, 0);
    return numFirst + this.#again.size;
  }

  /** @param run - Takes the turn. @param options - Who waits for it. */
  enqueue(run: Run, options: Partial<TurnOptions> = {}): void {
    const { id, caller } = options;
    if (caller === undefined) {
      this.#again.enqueue(run, options);
    } else {
      this.#first.set(caller, [...(this.#first.get(caller) ?? []), { run, id }]);
    }
  }

  /** @returns Who is next, if somebody waits. */
  dequeue(): Run | undefined {
    const [next] = this.#first;
    if (next === undefined) {
      return this.#again.dequeue();
    }
    const [caller, [waiting, ...rest]] = next;
    // behind the other callers
    this.#first.delete(caller);
    this.#keep(caller, rest);
    return waiting!.run;
  }

  /** @param options - With a priority, which first turns do not have. @returns Who has it. */
  filter(options: Readonly<Partial<TurnOptions>>): Run[] {
    return this.#again.filter(options);
  }

  /** @param id - Of one that takes another turn. @param priority - Its new one. */
  setPriority(id: string, priority: number): void {
    this.#again.setPriority(id, priority);
  }

  /** @param id - Of who waits no longer. */
  remove(id: string): void {
    this.#again.remove(id);
    for (const [caller, waiting] of this.#first) {
      this.#keep(
        caller,
        waiting.filter((candidate) => candidate.id !== id),
      );
    }
  }

  #keep(caller: string, waiting: Waiting[]): void {
    if (waiting.length > 0) {
      this.#first.set(caller, waiting);
    } else {
      this.#first.delete(caller);
    }
  }
}
