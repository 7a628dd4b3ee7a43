import type { GraphBuilder, Value } from '../../kernels/index.js';

/**
 * Takes the row of each stream that its index names. Whole numbers are float32 here: GPUs do not reckon
 * with int64, and to bring it to the CPU and back takes longer than the step.
 *
 * @param g - The graph.
 * @param x - `[B, N, ...]`, finite.
 * @param index - A whole number in `[0, N)`, `[B]`.
 * @returns `[B, ...]`.
 */
export function takeRows(g: GraphBuilder, x: Value, index: Value): Value {
  const numRows = x.shape[1] as number;
  const rest = x.shape.slice(2).map((_, axis) => axis + 1);
  const rows = g.constant(
    {
      dtype: 'float32',
      shape: [1, numRows],
      data: Float32Array.from({ length: numRows }, (_, row) => row),
    },
    'rows',
  );
  const isRow = g.equal(rows, g.unsqueeze(index, [1]));
  const mask =
    rest.length === 0
      ? isRow
      : g.unsqueeze(
          isRow,
          rest.map((axis) => axis + 1),
        );
  return g.reduce('ReduceSum', g.where(mask, x, 0), 1, false);
}

/** Where the pointer stands before or after a step; each a whole number `[B]`. */
export type PointerState = { pointer: Value; dwell: Value };

/**
 * Moves the pointer by what the model drew, but leaves a phone in any case when its time is up, and
 * stays where it is once the sentence has ended.
 *
 * @param g - The graph.
 * @param state - Before the step.
 * @param advance - Phones to move, `[B]`.
 * @param maxDwell - Steps after which each phone must be left, `[B, W]`.
 * @param isActive - 1 while the sentence has not ended, else 0; `[B]`.
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
  const forced = g.cast(g.lessOrEqual(limit, spent), 'float32');
  const moved = g.mul(g.max(advance, forced), isActive);
  const stays = g.equal(moved, 0);
  return {
    pointer: g.add(state.pointer, moved),
    dwell: g.where(stays, g.add(state.dwell, isActive), 0),
  };
}
