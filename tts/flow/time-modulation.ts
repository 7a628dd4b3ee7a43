import type { Weights } from '../../kernels/index.js';

/** What a time does to the norms of the velocity network: `[C]` each, one pair per block. */
export type Modulation = { scale: Float32Array; bias: Float32Array };

/**
 * Works out what a time of the flow means for the norm of each block. The times are known when the
 * graph is built, so none of this is left for the graph to do.
 *
 * @param weights - The flow model.
 * @param time - 0 to 1.
 * @param sizes - Blocks and width of the time features.
 * @returns Scale and bias of each block's LayerNorm, its own and the time's in one.
 */
export function timeModulation(
  weights: Weights,
  time: number,
  sizes: { blocks: number; timeDim: number },
): Modulation[] {
  const hidden = affine(timeFeatures(time, sizes.timeDim), weights.at('time_in'));
  const condition = affine(
    hidden.map((value) => value / (1 + Math.exp(-value))),
    weights.at('time_out'),
  );
  return Array.from({ length: sizes.blocks }, (_, index) => {
    const block = weights.at(`blocks.${index}`);
    const both = affine(condition, block.at('cond'));
    const ownScale = block.get('norm.weight', 1).data;
    const ownBias = block.get('norm.bias', 1).data;
    const channels = ownScale.length;
    return {
      scale: ownScale.map((value, c) => value * (1 + both[c]!)),
      bias: ownBias.map((value, c) => value * (1 + both[c]!) + both[channels + c]!),
    };
  });
}

/** Cosines, then sines, of `1000 t` at falling rates. */
function timeFeatures(time: number, dim: number): Float64Array {
  const half = dim / 2;
  return Float64Array.from({ length: dim }, (_, index) => {
    const angle = 1000 * time * Math.exp((-Math.log(10000) * (index % half)) / half);
    return index < half ? Math.cos(angle) : Math.sin(angle);
  });
}

function affine(x: Float64Array, weights: Weights): Float64Array {
  const { data, shape } = weights.get('weight', 2);
  const bias = weights.get('bias', 1).data;
  const into = shape[1]!;
  return Float64Array.from({ length: shape[0]! }, (_, out) => {
    let sum = bias[out]!;
    for (let index = 0; index < into; index++) {
      sum += x[index]! * data[out * into + index]!;
    }
    return sum;
  });
}
