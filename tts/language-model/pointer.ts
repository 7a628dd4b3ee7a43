import type { GraphBuilder, Value } from '../../kernels/index.js';

/**
 * Takes the row of each stream that its index names.
 *
 * @param g - The graph.
 * @param x - `[B, N, ...]`.
 * @param index - int64 `[B]`, in `[0, N)`.
 * @returns `[B, ...]`.
 */
export function takeRows(g: GraphBuilder, x: Value, index: Value): Value {
  const shape = [x.shape[0]!, ...x.shape.slice(2)];
  return g.node('GatherND', [x, g.unsqueeze(index, [1])], [{ dtype: x.dtype, shape }], {
    attributes: { batch_dims: 1 },
  })[0]!;
}

/** Where the pointer stands before or after a step; each int64 `[B]`. */
export type PointerState = { pointer: Value; dwell: Value };

/**
 * Moves the pointer by what the model drew, but leaves a phone in any case when its time is up, and
 * stays where it is once the sentence has ended.
 *
 * @param g - The graph.
 * @param state - Before the step.
 * @param advance - Phones to move, int64 `[B]`.
 * @param maxDwell - Steps after which each phone must be left, int64 `[B, W]`.
 * @param isActive - 1 while the sentence has not ended, else 0; int64 `[B]`.
 * @returns After the step.
 */
export function movePointer(
  g: GraphBuilder,
  state: PointerState,
  advance: Value,
  maxDwell: Value,
  isActive: Value,
): PointerState {
  const spent = g.add(state.dwell, 1);
  const limit = takeRows(g, maxDwell, state.pointer);
  const forced = g.cast(g.lessOrEqual(limit, spent), 'int64');
  const moved = g.mul(g.max(advance, forced), isActive);
  const stays = g.equal(moved, 0);
  return {
    pointer: g.add(state.pointer, moved),
    dwell: g.where(stays, g.add(state.dwell, isActive), 0),
  };
}
