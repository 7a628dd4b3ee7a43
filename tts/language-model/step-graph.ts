import {
  addRmsNorm,
  embedding,
  fusedLinear,
  gatedLinearAttention,
  GraphBuilder,
  linear,
  rmsNorm,
  sampleToken,
  silu,
  swiGlu,
  type Shape,
  type Value,
  type WeightFormat,
  type Weights,
} from '../../kernels/index.js';
import type { LanguageModelConfig } from './config.js';
import { movePointer, takeRows, type PointerState } from './pointer.js';
import { windowLength } from './window.js';

/** How {@link buildStepGraph} is to build. */
export type StepGraphOptions = {
  /** Steps in a run, `K`, at least 1. */
  numSteps: number;
  /**
   * Whether tokens are given and not drawn: a further input `forced` int32 `[B, K]`, and outputs
   * `token_logits` and `advance_logits` float32 `[B, K, C]`; false by default.
   */
  isForced?: boolean;
  /** How matrices are stored; float32 by default. */
  weightFormat?: WeightFormat;
  /**
   * Whether rows are slots, as in `Graph`; the voice's initial state is then a part of the graph. False by
   * default.
   */
  hasSlots?: boolean;
};

/** What stands still during a run. */
type Context = {
  g: GraphBuilder;
  weights: Weights;
  config: LanguageModelConfig;
  /** What is seen at each phone, the voice included, from the one under the pointer on: `[B, W - 1, D]`. */
  seen: Value;
  /** `[B, 1]`. */
  temperature: Value;
};

/** Inputs of one step: the last token, the pointer, the layers' states, bool `[B]`. */
type StepInput = {
  token: Value;
  state: PointerState;
  memories: readonly Value[];
  active: Value;
  /** For the token and for the advance, `[B, 1]` each. */
  noise: readonly [Value, Value];
  /** `[B]`: taken instead of a drawn token. */
  forced: Value | undefined;
};

/** The token and the advance that were drawn, whole numbers `[B]`, and the masses they were drawn from. */
type StepOutput = {
  token: Value;
  advance: Value;
  memories: Value[];
  masses: Value[];
  /** `[B, C]`. */
  tokenLogits: Value;
  advanceLogits: Value;
};

/**
 * Builds the graph of `numSteps` steps of the language model, sampling and pointer included.
 *
 * Inputs, with `W = windowLength(K, maxAdvance)`:
 * - `rows` float32 `[B, W, D]`: encoded phones from the pointer on, zeros after the sentence
 * - `max_dwell` int32 `[B, W]`: steps after which each phone must be left
 * - `num_phones` int32 `[B]`: how many of the rows belong to the sentence, at least 1
 * - `token`, `dwell`, `voice` int32 `[B]`: the last token, steps spent on the phone, row of the voice
 * - `temperature` float32 `[B, 1]`, above 0
 * - `noise` float32 `[B, K, 2]`: uniform in `(0, 1)`, for the token and for the pointer
 * - `state_0` float32 `[B, L, H, dk, dv]`
 *
 * Outputs: `tokens` and `pointers` int32 `[B, K]`, the token of each step and the row that was
 * spoken (`num_phones` or more once the sentence has ended); `next_pointer`, `next_dwell` int32
 * `[B]`; `is_finite` int32 `[B]`, 0 if a logit was no number; `next_state_0`. Steps after the end of
 * the sentence leave state, token and pointer alone.
 *
 * @param weights - The model.
 * @param config - Its sizes.
 * @param options - Steps, and variants of the graph.
 * @returns The ONNX model.
 */
export function buildStepGraph(
  weights: Weights,
  config: LanguageModelConfig,
  options: StepGraphOptions,
): Uint8Array {
  const { numSteps, isForced = false, weightFormat, hasSlots = false } = options;
  const { dim, numLayers, numHeads, keyDim, valueDim, maxAdvance } = config;
  const window = windowLength(numSteps, maxAdvance);
  const g = new GraphBuilder('language_model_steps', weightFormat, hasSlots);
  const rows = g.input('rows', 'float32', ['B', window, dim]);
  const number = (name: string, shape: Shape): Value =>
    g.cast(g.input(name, 'int32', shape), 'float32');
  const maxDwell = number('max_dwell', ['B', window]);
  const numPhones = number('num_phones', ['B']);
  let token = number('token', ['B']);
  let state: PointerState = { pointer: g.mul(numPhones, 0), dwell: number('dwell', ['B']) };
  const voice = g.input('voice', 'int32', ['B']);
  const temperature = g.input('temperature', 'float32', ['B', 1]);
  const noise = g.input('noise', 'float32', ['B', numSteps, 2]);
  const forced = isForced ? number('forced', ['B', numSteps]) : undefined;
  const start = hasSlots ? g.gather(initialStates(g, weights), voice) : undefined;
  const memory = g.state([numLayers, numHeads, keyDim, valueDim], 'B', start);

  // no step but the one after the last can stand at the last row, so each has one after it
  const nextRows = linear(g, g.slice(rows, 1, 1), weights.at('enc_next_proj'));
  const phones = g.add(g.slice(rows, 1, 0, -1), nextRows);
  const speaker = g.unsqueeze(embedding(g, voice, weights.at('voice_emb')), [1]);
  const seen = g.add(phones, speaker);
  const context: Context = { g, weights, config, seen, temperature };
  const draws = g.split(
    g.reshape(noise, [0, 2 * numSteps]),
    1,
    Array<number>(2 * numSteps).fill(1),
  );
  let memories = g
    .split(memory, 1, Array<number>(numLayers).fill(1))
    .map((layer) => g.squeeze(layer, [1]));
  const tokens: Value[] = [];
  const results: StepOutput[] = [];
  const pointers: Value[] = [];
  for (let step = 0; step < numSteps; step++) {
    const active = g.less(state.pointer, numPhones);
    const result = g.scoped(`step${step}`, () =>
      buildStep(context, {
        token,
        state,
        memories,
        active,
        noise: [draws[2 * step]!, draws[2 * step + 1]!],
        forced: forced && g.squeeze(g.slice(forced, 1, step, step + 1), [1]),
      }),
    );
    results.push(result);
    memories = result.memories;
    tokens.push(g.unsqueeze(result.token, [1]));
    pointers.push(g.unsqueeze(state.pointer, [1]));
    token = g.where(active, result.token, token);
    state = movePointer(g, state, result.advance, maxDwell, g.cast(active, 'float32'));
  }
  g.output('tokens', g.cast(g.concat(tokens, 1), 'int32'));
  g.output('pointers', g.cast(g.concat(pointers, 1), 'int32'));
  g.output('next_pointer', g.cast(state.pointer, 'int32'));
  g.output('next_dwell', g.cast(state.dwell, 'int32'));
  // NaN is in no order to anything
  const masses = g.concat(
    results.flatMap((result) => result.masses),
    1,
  );
  const isFinite = g.greater(g.reduce('ReduceSum', masses, 1, false), 0);
  g.output('is_finite', g.cast(isFinite, 'int32'));
  if (isForced) {
    const stacked = (values: Value[]): Value =>
      g.concat(
        values.map((value) => g.unsqueeze(value, [1])),
        1,
      );
    g.output('token_logits', stacked(results.map(({ tokenLogits }) => tokenLogits)));
    g.output('advance_logits', stacked(results.map(({ advanceLogits }) => advanceLogits)));
  }
  g.nextState(
    memory,
    g.concat(
      memories.map((layer) => g.unsqueeze(layer, [1])),
      1,
    ),
  );
  return g.build();
}

/** What each voice begins with, `[V, L, H, dk, dv]`. */
function initialStates(g: GraphBuilder, weights: Weights): Value {
  const { data, shape } = weights.get('initial_state', 5);
  return g.constant({ dtype: 'float32', shape, data }, 'initial_state');
}

function buildStep(context: Context, input: StepInput): StepOutput {
  const { g, weights, config, temperature } = context;
  const { token, state, active } = input;
  const index = (value: Value): Value => g.cast(value, 'int32');
  const dwell = g.min(state.dwell, config.dwellEntries - 1);
  const seen = [
    takeRows(g, context.seen, state.pointer),
    embedding(g, index(token), weights.at('token_emb')),
    embedding(g, index(dwell), weights.at('dwell_emb')),
  ].reduce((sum, value) => g.add(sum, value));

  // after the end a state is to stay exactly as it is: nothing that is 0 makes a key other than 0, and
  // the decay is held at 1
  const isActive = g.unsqueeze(g.cast(active, 'float32'), [1, 2]);
  const decayScale = g.mul(isActive, -1 / config.gateNormalizer);
  let sum = g.mul(g.unsqueeze(seen, [1]), isActive);
  let change: Value | undefined;
  const memories = input.memories.map((memory, index) =>
    g.scoped(`layer${index}`, () => {
      const layer = weights.at(`layers.${index}`);
      const into = takeUp(g, sum, change, layer.at('norm1'));
      const mixed = mixSteps(context, layer, into.normed, memory, decayScale);
      const between = addRmsNorm(g, into.sum, mixed.output, layer.at('norm2'));
      sum = between.sum;
      change = swiGlu(g, between.normed, layer.at('ffn'));
      return mixed.memory;
    }),
  );
  const h = g.squeeze(takeUp(g, sum, change, weights.at('norm')).normed, [1]);

  const logits = linear(g, h, weights.at('token_head'));
  const { topK, topP } = config;
  const drawn = sampleToken(g, logits, { temperature, topK, topP, noise: input.noise[0] });
  const spoken = input.forced ?? drawn.token;
  const advanceInput = g.add(
    linear(g, h, weights.at('advance_in')),
    embedding(g, index(spoken), weights.at('token_emb2')),
  );
  const advanceLogits = linear(g, g.gelu(advanceInput), weights.at('advance_out'));
  const advance = sampleToken(g, advanceLogits, { temperature, noise: input.noise[1] });
  return {
    token: spoken,
    advance: advance.token,
    memories,
    masses: [drawn.mass, advance.mass],
    tokenLogits: logits,
    advanceLogits,
  };
}

/** Adds what the layer before gave, if there is one, and norms the sum. */
function takeUp(
  g: GraphBuilder,
  x: Value,
  change: Value | undefined,
  norm: Weights,
): { sum: Value; normed: Value } {
  return change === undefined
    ? { sum: x, normed: rmsNorm(g, x, norm) }
    : addRmsNorm(g, x, change, norm);
}

/** Gated linear attention with its products: a normed `[B, 1, D]` to what is added to the sum. */
function mixSteps(
  { g, config }: Context,
  weights: Weights,
  normed: Value,
  memory: Value,
  decayScale: Value,
): { output: Value; memory: Value } {
  const { numHeads, valueDim } = config;
  const parts = ['q', 'k', 'v', 'gate', 'decay_down'].map((name) => weights.at(name));
  const [query, key, value, gate, rank] = fusedLinear(g, normed, parts) as [
    Value,
    Value,
    Value,
    Value,
    Value,
  ];
  // log sigmoid(x) = -softplus(-x)
  const raw = linear(g, rank, weights.at('decay_up'), { isNegated: true });
  const decay = g.mul(g.unary('Softplus', raw), decayScale);
  const attended = gatedLinearAttention(g, { query, key, value, decay, state: memory }, numHeads);
  const heads = g.reshape(attended.output, [0, 0, numHeads, valueDim]);
  const even = g.reshape(rmsNorm(g, heads, weights.at('head_norm')), [0, 0, numHeads * valueDim]);
  const output = linear(g, g.mul(even, silu(g, gate)), weights.at('out'));
  return { output, memory: attended.state };
}
