import {
  embedding,
  fusedLinear,
  gatedLinearAttention,
  GraphBuilder,
  linear,
  rmsNorm,
  sampleToken,
  silu,
  swiGlu,
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
  /** Whether the provider has the fused attention operator; true by default. */
  isFused?: boolean;
  /**
   * Whether tokens are given and not drawn: a further input `forced` int32 `[B, K]`, and outputs
   * `token_logits` and `advance_logits` float32 `[B, K, C]`; false by default.
   */
  isForced?: boolean;
  /** How matrices are stored; float32 by default. */
  weightFormat?: WeightFormat;
};

/** What stands still during a run. */
type Context = {
  g: GraphBuilder;
  weights: Weights;
  config: LanguageModelConfig;
  isFused: boolean;
  /** Encoded phones `[B, W, D]`, from the one under the pointer on. */
  rows: Value;
  /** What each phone adds where it is the next one: `[B, W, D]`. */
  nextRows: Value;
  /** Voice embedding `[B, D]`. */
  voice: Value;
  /** `[B, 1]`. */
  temperature: Value;
};

/** Inputs of one step: the last token, the pointer, the layers' states, bool `[B]`, noise `[B, 2]`. */
type StepInput = {
  token: Value;
  state: PointerState;
  memories: readonly Value[];
  active: Value;
  noise: Value;
  /** int64 `[B]`: taken instead of a drawn token. */
  forced: Value | undefined;
};

/** The token and the advance that were drawn, int64 `[B]`; whether all logits were numbers. */
type StepOutput = {
  token: Value;
  advance: Value;
  memories: Value[];
  isFinite: Value;
  /** `[B, C]`. */
  tokenLogits: Value;
  advanceLogits: Value;
};

/** Logits beyond this are not numbers any more; NaN compares false. */
const LARGEST_LOGIT = 1e30;

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
  const { numSteps, isFused = true, isForced = false, weightFormat } = options;
  const { dim, numLayers, numHeads, keyDim, valueDim, maxAdvance } = config;
  const window = windowLength(numSteps, maxAdvance);
  const g = new GraphBuilder('language_model_steps', weightFormat);
  const rows = g.input('rows', 'float32', ['B', window, dim]);
  const maxDwell = g.cast(g.input('max_dwell', 'int32', ['B', window]), 'int64');
  const numPhones = g.cast(g.input('num_phones', 'int32', ['B']), 'int64');
  let token = g.cast(g.input('token', 'int32', ['B']), 'int64');
  let state: PointerState = {
    pointer: g.mul(numPhones, 0),
    dwell: g.cast(g.input('dwell', 'int32', ['B']), 'int64'),
  };
  const voice = g.cast(g.input('voice', 'int32', ['B']), 'int64');
  const temperature = g.input('temperature', 'float32', ['B', 1]);
  const noise = g.input('noise', 'float32', ['B', numSteps, 2]);
  const forced = isForced
    ? g.cast(g.input('forced', 'int32', ['B', numSteps]), 'int64')
    : undefined;
  const memory = g.state([numLayers, numHeads, keyDim, valueDim]);

  const context: Context = {
    g,
    weights,
    config,
    isFused,
    rows,
    nextRows: linear(g, rows, weights.at('enc_next_proj')),
    voice: embedding(g, voice, weights.at('voice_emb')),
    temperature,
  };
  let memories = g
    .split(memory, 1, Array<number>(numLayers).fill(1))
    .map((layer) => g.squeeze(layer, [1]));
  const tokens: Value[] = [];
  const results: StepOutput[] = [];
  const pointers: Value[] = [];
  let isFinite = g.equal(numPhones, numPhones);
  for (let step = 0; step < numSteps; step++) {
    const active = g.less(state.pointer, numPhones);
    const result = g.scoped(`step${step}`, () =>
      buildStep(context, {
        token,
        state,
        memories,
        active,
        noise: g.squeeze(g.slice(noise, 1, step, step + 1), [1]),
        forced: forced && g.squeeze(g.slice(forced, 1, step, step + 1), [1]),
      }),
    );
    results.push(result);
    memories = result.memories;
    isFinite = g.and(isFinite, result.isFinite);
    tokens.push(g.unsqueeze(result.token, [1]));
    pointers.push(g.unsqueeze(state.pointer, [1]));
    token = g.where(active, result.token, token);
    state = movePointer(g, state, result.advance, maxDwell, g.cast(active, 'int64'));
  }
  g.output('tokens', g.cast(g.concat(tokens, 1), 'int32'));
  g.output('pointers', g.cast(g.concat(pointers, 1), 'int32'));
  g.output('next_pointer', g.cast(state.pointer, 'int32'));
  g.output('next_dwell', g.cast(state.dwell, 'int32'));
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

function buildStep(context: Context, input: StepInput): StepOutput {
  const { g, weights, config, temperature } = context;
  const { token, state, active } = input;
  const dwell = g.min(state.dwell, config.dwellEntries - 1);
  const seen = [
    takeRows(g, context.rows, state.pointer),
    takeRows(g, context.nextRows, g.add(state.pointer, 1)),
    embedding(g, token, weights.at('token_emb')),
    embedding(g, dwell, weights.at('dwell_emb')),
    context.voice,
  ].reduce((sum, value) => g.add(sum, value));

  // with decay 1 and key 0 a state stays exactly as it is
  const isActive = g.unsqueeze(g.cast(active, 'float32'), [1, 2]);
  let x = g.unsqueeze(seen, [1]);
  const memories = input.memories.map((memory, index) => {
    const result = g.scoped(`layer${index}`, () =>
      buildLayer(context, weights.at(`layers.${index}`), x, memory, isActive),
    );
    x = result.output;
    return result.memory;
  });
  const h = g.squeeze(rmsNorm(g, x, weights.at('norm')), [1]);

  const logits = linear(g, h, weights.at('token_head'));
  const { topK, topP } = config;
  const noise = (index: number): Value => g.slice(input.noise, 1, index, index + 1);
  const drawn =
    input.forced ?? sampleToken(g, logits, { temperature, topK, topP, noise: noise(0) });
  const advanceInput = g.add(
    linear(g, h, weights.at('advance_in')),
    embedding(g, drawn, weights.at('token_emb2')),
  );
  const advanceLogits = linear(g, g.gelu(advanceInput), weights.at('advance_out'));
  const advance = sampleToken(g, advanceLogits, { temperature, noise: noise(1) });

  const largest = g.add(
    g.reduce('ReduceMax', g.unary('Abs', logits), 1, false),
    g.reduce('ReduceMax', g.unary('Abs', advanceLogits), 1, false),
  );
  const isFinite = g.less(largest, LARGEST_LOGIT);
  return { token: drawn, advance, memories, isFinite, tokenLogits: logits, advanceLogits };
}

function buildLayer(
  { g, config, isFused }: Context,
  weights: Weights,
  x: Value,
  memory: Value,
  isActive: Value,
): { output: Value; memory: Value } {
  const { numHeads, valueDim, gateNormalizer } = config;
  const parts = ['q', 'k', 'v', 'gate', 'decay_down'].map((name) => weights.at(name));
  const [query, key, value, gate, rank] = fusedLinear(
    g,
    rmsNorm(g, x, weights.at('norm1')),
    parts,
  ) as [Value, Value, Value, Value, Value];
  // log sigmoid(x) = -softplus(-x)
  const raw = g.unary('Neg', linear(g, rank, weights.at('decay_up')));
  const decay = g.mul(g.unary('Softplus', raw), g.mul(isActive, -1 / gateNormalizer));
  const attended = gatedLinearAttention(
    g,
    { query, key: g.mul(key, isActive), value, decay, state: memory },
    { numHeads, isFused },
  );
  const heads = g.reshape(attended.output, [0, 0, numHeads, valueDim]);
  const normed = g.reshape(rmsNorm(g, heads, weights.at('head_norm')), [0, 0, numHeads * valueDim]);
  const h = g.add(x, linear(g, g.mul(normed, silu(g, gate)), weights.at('out')));
  const output = g.add(h, swiGlu(g, rmsNorm(g, h, weights.at('norm2')), weights.at('ffn')));
  return { output, memory: attended.state };
}
