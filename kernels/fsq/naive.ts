/**
 * Reference of `scalarQuantize`.
 *
 * @param h - `[T, D]`. @param levels - Steps of each of the `D` numbers.
 * @returns Tokens `[T]`.
 */
export function fsqTokensNaive(h: ArrayLike<number>, levels: readonly number[]): Int32Array {
  const tokens = new Int32Array(h.length / levels.length);
  return tokens.map((_, t) => {
    let token = 0;
    let place = 1;
    levels.forEach((level, index) => {
      const smooth = 1 / (1 + Math.exp(-h[t * levels.length + index]!));
      token += place * Math.min(Math.floor(smooth * level), level - 1);
      place *= level;
    });
    return token;
  });
}

/**
 * Reference of `scalarLookup`.
 *
 * @param tokens - `[T]`. @param levels - Steps of each of the `D` numbers.
 * @returns `[T, D]`, in (-1, 1).
 */
export function fsqValuesNaive(tokens: ArrayLike<number>, levels: readonly number[]): Float64Array {
  const values = new Float64Array(tokens.length * levels.length);
  for (let t = 0; t < tokens.length; t++) {
    let rest = tokens[t]!;
    levels.forEach((level, index) => {
      values[t * levels.length + index] = (2 * (rest % level) + 1) / level - 1;
      rest = Math.floor(rest / level);
    });
  }
  return values;
}
