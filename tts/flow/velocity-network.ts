import {
  linear,
  scaledDown,
  vector,
  type GraphBuilder,
  type Value,
  type Weights,
} from '../../kernels/index.js';
import { timeModulation, type Modulation } from './time-modulation.js';

/** Which velocity, and what stands still while it is asked for. */
export type VelocityInputs = {
  /** Where the flow is, `[B, T, Z]`. */
  x: Value;
  /** `[B, T, C]`. */
  condition: Value;
  /** What each block remembers of the frames before, at this time of the flow: `[B, C, 6]` each. */
  states: readonly Value[];
};

/**
 * The velocity of the flow at one time. Its blocks are those of `convNextBlock`, with weights that
 * all times share in the graph, and with the time folded into the norms.
 *
 * @param g - The graph.
 * @param weights - The flow model.
 * @param inputs - Position, condition, states.
 * @param time - 0 to 1.
 * @param sizes - Blocks and width of the time features.
 * @returns The velocity `[B, T, Z]` and the states after the last frame.
 */
export function velocity(
  g: GraphBuilder,
  weights: Weights,
  inputs: VelocityInputs,
  time: number,
  sizes: { blocks: number; timeDim: number },
): { velocity: Value; states: Value[] } {
  const modulations = timeModulation(weights, time, sizes);
  let h = g.add(linear(g, inputs.x, weights.at('input')), inputs.condition);
  const states = modulations.map((modulation, index) => {
    const result = g.scoped(`block${index}`, () =>
      block(g, weights.at(`blocks.${index}`), h, inputs.states[index]!, modulation),
    );
    h = result.output;
    return result.state;
  });
  const norm = weights.at('norm');
  const normed = g.layerNorm(h, vector(g, norm, 'weight'), vector(g, norm, 'bias'));
  return { velocity: linear(g, normed, weights.at('output')), states };
}

function block(
  g: GraphBuilder,
  weights: Weights,
  x: Value,
  state: Value,
  { scale, bias }: Modulation,
): { output: Value; state: Value } {
  const shape = [scale.length];
  const taps = g.shared(weights.fullName('dw.weight'), () => {
    const { data, shape: tapShape } = weights.get('dw.weight', 3);
    return g.constant({ dtype: 'float32', shape: tapShape, data }, 'taps');
  });
  const rows = g.transpose(x, [0, 2, 1]);
  const [filtered, next] = g.microsoft(
    'CausalConvWithState',
    [rows, taps, vector(g, weights.at('dw'), 'bias'), state],
    [
      { dtype: 'float32', shape: rows.shape },
      { dtype: 'float32', shape: state.shape },
    ],
  ) as [Value, Value];
  const normed = g.layerNorm(
    g.transpose(filtered, [0, 2, 1]),
    g.constant({ dtype: 'float32', shape, data: scale }, 'scale'),
    g.constant({ dtype: 'float32', shape, data: bias }, 'bias'),
  );
  const h = g.gelu(linear(g, normed, weights.at('up')));
  return { output: g.add(x, scaledDown(g, h, weights)), state: next };
}
