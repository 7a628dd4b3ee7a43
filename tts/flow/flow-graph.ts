import {
  convNextBlock,
  embedding,
  GraphBuilder,
  linear,
  vector,
  type Value,
  type WeightFormat,
  type Weights,
} from '../../kernels/index.js';
import type { FlowConfig } from './config.js';
import { velocity } from './velocity-network.js';

/**
 * Builds the flow decoder: tokens, their phones and noise to latents, with all its Euler steps in one graph.
 *
 * Inputs:
 * - `tokens` int32 `[B, T]`: the next tokens; the first `skip` of them only fill the look-ahead
 * - `phones` int32 `[B, T]`: the phone that each token speaks; 0 for the tokens after the last
 * - `skip` int32 `[1]`: below `T`
 * - `voice` int32 `[B]`: row of the voice
 * - `noise` float32 `[B, 2 (T - skip), Z]`
 * - states of the convolutions; the one of the velocity network has a part for each Euler step,
 *   because each step is a network over time of its own
 *
 * Output: `latents` float32 `[B, 2 (T - skip), Z]`, as the codec has them.
 *
 * @param weights - The model.
 * @param config - Its sizes.
 * @param weightFormat - How matrices are stored; float32 by default.
 * @returns The ONNX model and its number of states.
 */
export function buildFlowGraph(
  weights: Weights,
  config: FlowConfig,
  weightFormat?: WeightFormat,
): { model: Uint8Array; numStates: number } {
  const { latentDim, dim, blocks, condBlocks, eulerSteps } = config;
  const g = new GraphBuilder('flow', weightFormat);
  const condition = buildCondition(g, weights, config);
  let x = g.input('noise', 'float32', ['B', 'F', latentDim]);

  const stateLength = weights.get('blocks.0.dw.weight', 3).shape[2]! - 1;
  const state = g.state([eulerSteps * blocks * dim, stateLength]);
  // in two turns, since a shader of a GPU takes 16 buffers at most
  const steps = g.split(state, 1, Array<number>(eulerSteps).fill(blocks * dim));
  const nextSteps: Value[] = [];
  for (let step = 0; step < eulerSteps; step++) {
    const result = g.scoped(`euler${step}`, () =>
      velocity(
        g,
        weights,
        { x, condition, states: g.split(steps[step]!, 1, Array<number>(blocks).fill(dim)) },
        step / eulerSteps,
        config,
      ),
    );
    x = g.add(x, g.mul(result.velocity, 1 / eulerSteps));
    nextSteps.push(g.concat(result.states, 1));
  }
  g.nextState(state, g.concat(nextSteps, 1));
  const latents = g.add(g.mul(x, vector(g, weights, 'z_std')), vector(g, weights, 'z_mean'));
  g.output('latents', latents);
  return { model: g.build(), numStates: condBlocks + 1 };
}

/** What the tokens ask for, `[B, 2 (T - skip), C]`. */
function buildCondition(g: GraphBuilder, weights: Weights, config: FlowConfig): Value {
  const tokens = g.input('tokens', 'int32', ['B', 'T']);
  const phones = g.input('phones', 'int32', ['B', 'T']);
  const skip = g.cast(g.input('skip', 'int32', [1]), 'int64');
  const voice = g.input('voice', 'int32', ['B']);
  const voiceRow = g.unsqueeze(embedding(g, voice, weights.at('voice_emb')), [1]);
  const phoneRows = embedding(g, phones, weights.at('phone_emb'));
  let h = g.add(g.add(embedding(g, tokens, weights.at('token_emb')), phoneRows), voiceRow);
  for (let block = 0; block < config.condBlocks; block++) {
    h = g.scoped(`cond${block}`, () => convNextBlock(g, h, weights.at(`cond_blocks.${block}`)));
  }
  const [kept] = g.node(
    'Slice',
    [h, skip, g.ints([2 ** 31 - 1]), g.ints([1])],
    [{ dtype: 'float32', shape: [h.shape[0]!, 'K', h.shape[2]!] }],
  );
  return g.reshape(linear(g, kept!, weights.at('cond_out')), [0, -1, config.dim]);
}
