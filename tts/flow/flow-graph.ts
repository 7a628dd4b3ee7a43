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

/** How {@link buildFlowGraph} is to build. */
export type FlowGraphOptions = {
  /** How matrices are stored; float32 by default. */
  weightFormat?: WeightFormat;
  /** Tokens of a run, `T`, if rows are slots, as in `Graph`; by default they are not. */
  slotTokens?: number;
};

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
 * With slots each row is at a place of its own, so nothing is skipped. Instead of `skip` there are
 * - `heard` float32 `[B, T, 1]`: 0 for a token that stands for none, which leaves no trace; else 1
 * - `speaks` int32 `[B]`: 0 if the row's tokens only fill the look-ahead: its latents mean nothing then
 *
 * @param weights - The model.
 * @param config - Its sizes.
 * @param options - Variants of the graph.
 * @returns The ONNX model and its number of states.
 */
export function buildFlowGraph(
  weights: Weights,
  config: FlowConfig,
  options: FlowGraphOptions = {},
): { model: Uint8Array; numStates: number } {
  const { latentDim, dim, blocks, condBlocks, eulerSteps } = config;
  const { weightFormat, slotTokens } = options;
  const hasSlots = slotTokens !== undefined;
  const g = new GraphBuilder('flow', weightFormat, hasSlots);
  const condition = buildCondition(g, weights, config, slotTokens);
  const numFrames = hasSlots ? config.framesPerToken * slotTokens : 'F';
  let x = g.input('noise', 'float32', ['B', numFrames, latentDim]);

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
  const next = g.concat(nextSteps, 1);
  const speaks = hasSlots ? g.input('speaks', 'int32', ['B']) : undefined;
  g.nextState(
    state,
    speaks === undefined ? next : g.where(g.cast(g.unsqueeze(speaks, [1, 2]), 'bool'), next, state),
  );
  const latents = g.add(g.mul(x, vector(g, weights, 'z_std')), vector(g, weights, 'z_mean'));
  g.output('latents', latents);
  return { model: g.build(), numStates: condBlocks + 1 };
}

/** What the tokens ask for, `[B, 2 (T - skip), C]`. */
function buildCondition(
  g: GraphBuilder,
  weights: Weights,
  config: FlowConfig,
  slotTokens: number | undefined,
): Value {
  const hasSlots = slotTokens !== undefined;
  const numTokens = slotTokens ?? 'T';
  const tokens = g.input('tokens', 'int32', ['B', numTokens]);
  const phones = g.input('phones', 'int32', ['B', numTokens]);
  const heard = hasSlots ? { heard: g.input('heard', 'float32', ['B', numTokens, 1]) } : {};
  const voice = g.input('voice', 'int32', ['B']);
  const voiceRow = g.unsqueeze(embedding(g, voice, weights.at('voice_emb')), [1]);
  const phoneRows = embedding(g, phones, weights.at('phone_emb'));
  let h = g.add(g.add(embedding(g, tokens, weights.at('token_emb')), phoneRows), voiceRow);
  for (let block = 0; block < config.condBlocks; block++) {
    h = g.scoped(`cond${block}`, () =>
      convNextBlock(g, h, weights.at(`cond_blocks.${block}`), heard),
    );
  }
  const kept = hasSlots ? h : withoutFirst(g, h, g.input('skip', 'int32', [1]));
  return g.reshape(linear(g, kept, weights.at('cond_out')), [0, -1, config.dim]);
}

/** Leaves out the first `skip` of `x [B, T, C]`. */
function withoutFirst(g: GraphBuilder, x: Value, skip: Value): Value {
  const [kept] = g.node(
    'Slice',
    [x, g.cast(skip, 'int64'), g.ints([2 ** 31 - 1]), g.ints([1])],
    [{ dtype: 'float32', shape: [x.shape[0]!, 'K', x.shape[2]!] }],
  );
  return kept!;
}
