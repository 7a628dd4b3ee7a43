import { SpeechError } from '../../base/errors.js';

/** A size known when the graph is built, or the name of one known when it runs. */
export type Dim = number | string;

/** Sizes, outermost first. */
export type Shape = readonly Dim[];

/**
 * Gives the shape of an elementwise operator's result, by numpy's rules. Sizes known by name only
 * are taken to fit.
 *
 * @param operator - Named in the error.
 * @param shapes - Shapes of the inputs.
 * @returns The common shape.
 * @throws {SpeechError} `GRAPH_INVALID` if two numbers differ and neither is 1.
 */
export function broadcast(operator: string, shapes: readonly Shape[]): Dim[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    let result: Dim = 1;
    for (const shape of shapes) {
      const dim = shape[axis - rank + shape.length] ?? 1;
      if (dim === 1 || dim === result) {
        continue;
      }
      if (typeof dim === 'number' && typeof result === 'number' && result !== 1) {
        throw shapeError(operator, shapes);
      }
      // a number says more than a name
      result = typeof result === 'number' && result !== 1 ? result : dim;
    }
    return result;
  });
}

/**
 * Gives the shape of a matrix product over the last two axes.
 *
 * @param a - `[..., M, K]`. @param b - `[..., K, N]`.
 * @returns `[..., M, N]`.
 * @throws {SpeechError} `GRAPH_INVALID` if the inner sizes differ.
 */
export function matMulShape(a: Shape, b: Shape): Dim[] {
  const [rows, inner] = a.slice(-2);
  const [innerB, columns] = b.slice(-2);
  if (a.length < 2 || b.length < 2 || !canBeEqual(inner!, innerB!)) {
    throw shapeError('MatMul', [a, b]);
  }
  return [...broadcast('MatMul', [a.slice(0, -2), b.slice(0, -2)]), rows!, columns!];
}

/**
 * Whether two sizes may turn out to be the same.
 *
 * @param a - One. @param b - The other.
 * @returns False only for two different numbers.
 */
export function canBeEqual(a: Dim, b: Dim): boolean {
  return typeof a === 'string' || typeof b === 'string' || a === b;
}

/**
 * Makes an axis non-negative.
 *
 * @param shape - The shape it belongs to.
 * @param axis - From `-rank` to `rank - 1`.
 * @returns From 0 to `rank - 1`.
 * @throws {SpeechError} `GRAPH_INVALID` outside that range.
 */
export function normalizeAxis(shape: Shape, axis: number): number {
  const positive = axis < 0 ? axis + shape.length : axis;
  if (positive < 0 || positive >= shape.length) {
    throw new SpeechError(
      'GRAPH_INVALID',
      `axis is ${axis}; the value has the shape [${shape.join(', ')}].`,
    );
  }
  return positive;
}

/**
 * Makes the error for shapes that do not go together.
 *
 * @param operator - The operator that refused them.
 * @param shapes - The shapes.
 * @returns A `GRAPH_INVALID` to throw.
 */
export function shapeError(operator: string, shapes: readonly Shape[]): SpeechError {
  const list = shapes.map((shape) => `[${shape.join(', ')}]`).join(' and ');
  return new SpeechError('GRAPH_INVALID', `${operator} cannot take the shapes ${list}.`);
}
