import {
  float32,
  Runtime,
  Weights,
  type TensorLike,
  type Tensors,
} from '../../../kernels/index.js';
import {
  buildEncoderGraph,
  buildStepGraph,
  LanguageModel,
  readLanguageModelConfig,
  type LanguageModelConfig,
  type LanguageModelStream,
  type Step,
} from '../../../tts/language-model/index.js';
import { loadGolden, type Golden } from '../../helpers/golden.js';
import { relativeRms } from '../../helpers/signal.js';

const TOLERANCE = 1e-4; // the project's own, for float32 graphs against PyTorch

let runtime: Runtime;
let tiny: Golden;
let config: LanguageModelConfig;

beforeAll(async () => {
  runtime = await Runtime.create({ device: 'cpu', threads: 1 });
  tiny = await loadGolden('language-model', 'tiny');
  config = readLanguageModelConfig(tiny.configPath);
});

afterAll(() => runtime.close());

describe('the graphs of the language model', () => {
  it('encode phones as PyTorch does', async () => {
    await checkEncoder(tiny.weights, config, tiny.tensors);
  });

  it('step as PyTorch does', async () => {
    await checkSteps(tiny.weights, config, tiny.tensors);
  });

  it('agree with PyTorch on the real weights', async () => {
    const real = await loadGolden('language-model', 'real');
    const realConfig = readLanguageModelConfig(real.configPath);
    await checkEncoder(real.weights, realConfig, real.tensors);
    await checkSteps(real.weights, realConfig, real.tensors);
  }, 60_000);
});

describe('LanguageModel', () => {
  const phones = Int32Array.of(1, 20, 21, 22, 23, 24, 25, 26, 27, 2);
  const wordStarts = Int32Array.of(0, 1, 0, 0, 1, 0, 0, 1, 0, 0);
  const maxDwell = new Int32Array(10).fill(6);

  async function load(numSteps: number): Promise<LanguageModel> {
    return LanguageModel.create(runtime, tiny.weights, config, numSteps);
  }

  async function open(model: LanguageModel, seed: number): Promise<LanguageModelStream> {
    const stream = model.stream({ voice: 'second', seed, temperature: 1 });
    stream.begin(await model.encode(phones, wordStarts), maxDwell);
    return stream;
  }

  async function speak(model: LanguageModel, seed: number): Promise<Step[]> {
    const stream = await open(model, seed);
    const steps: Step[] = [];
    while (!stream.isAtEnd) {
      const [next] = await model.advance([stream]);
      expect(next!.length).toBeGreaterThan(0);
      steps.push(...next!);
    }
    return steps;
  }

  it('gives the same tokens however many steps a run has', async () => {
    const one = await speak(await load(1), 3);
    expect(await speak(await load(4), 3)).toEqual(one);
    expect(await speak(await load(7), 3)).toEqual(one);
    expect(one.length).toBeGreaterThan(4);
  });

  it('gives a stream the same tokens alone and among others', async () => {
    const model = await load(4);
    const alone = [await speak(model, 1), await speak(model, 2), await speak(model, 3)];
    const streams = [await open(model, 1), await open(model, 2), await open(model, 3)];
    const together: Step[][] = [[], [], []];
    for (let turn = 0; turn < 100 && streams.some(({ isAtEnd }) => !isAtEnd); turn++) {
      const active = streams.filter(({ isAtEnd }) => !isAtEnd);
      const steps = await model.advance(active);
      active.forEach((stream, index) => {
        together[streams.indexOf(stream)]!.push(...steps[index]!);
      });
    }
    expect(together).toEqual(alone);
  });

  it('gives the same tokens while the sentence is still being written, as far as it is known', async () => {
    const whole = await speak(await load(2), 3);
    const model = await load(2);
    const rows = await model.encode(phones, wordStarts);
    const known = (from: number, to: number): [Float32Array, Int32Array] => [
      rows.subarray(from * config.dim, to * config.dim),
      maxDwell.subarray(from, to),
    ];
    const stream = model.stream({ voice: 'second', seed: 3, temperature: 1 });
    stream.begin(...known(0, 1), false);
    expect(stream.canAdvance).toBe(false);
    const steps: Step[] = [];
    for (let length = 1; length <= phones.length; length++) {
      const isWhole = length === phones.length;
      if (length > 1) {
        stream.extend(...known(length - 1, length), isWhole);
      }
      while (stream.canAdvance) {
        const [next] = await model.advance([stream]);
        expect(next!.length).toBeGreaterThan(0);
        steps.push(...next!);
      }
      // a step sees the phone after its own
      expect(steps.at(-1)?.pointer ?? 0).toBeLessThan(isWhole ? length : Math.max(1, length - 1));
    }
    expect(stream.isAtEnd).toBe(true);
    expect(steps).toEqual(whole);
  });

  it('leaves the state alone after the end of a sentence', async () => {
    const [short, long] = [await load(1), await load(7)];
    const memories = [];
    for (const model of [short, long]) {
      const stream = await open(model, 5);
      while (!stream.isAtEnd) {
        await model.advance([stream]);
      }
      memories.push(await stream.state.snapshot());
    }
    expect(memories[1]).toEqual(memories[0]);
  });

  it('never stays on a phone longer than it may, and never goes back', async () => {
    const steps = await speak(await load(4), 11);
    let last = { pointer: -1, dwell: 0 };
    for (const { pointer } of steps) {
      expect(pointer).toBeGreaterThanOrEqual(last.pointer);
      last = { pointer, dwell: pointer === last.pointer ? last.dwell + 1 : 1 };
      expect(last.dwell).toBeLessThanOrEqual(6);
    }
  });

  it('takes the likeliest token at temperature 0', async () => {
    const model = await load(1);
    const first = model.stream({ voice: 'first', seed: 1, temperature: 0 });
    const second = model.stream({ voice: 'first', seed: 2, temperature: 0 });
    const rows = await model.encode(phones, wordStarts);
    first.begin(rows, maxDwell);
    second.begin(rows, maxDwell);
    const [a, b] = await model.advance([first, second]);
    expect(a).toEqual(b);
  });

  it('refuses a voice that it does not have', async () => {
    const model = await load(1);
    expect(() => model.stream({ voice: 'nobody', seed: 0 })).toThrow(
      expect.objectContaining({ code: 'VOICE_UNKNOWN' }) as Error,
    );
  });

  it('reports weights that yield no numbers', async () => {
    const broken: Tensors = new Map(tiny.weights);
    const head = broken.get('token_head.bias')!;
    broken.set('token_head.bias', { ...head, data: new Float32Array(head.data.length).fill(NaN) });
    const model = await LanguageModel.create(runtime, broken, config, 2);
    const stream = await open(model, 1);
    await expect(model.advance([stream])).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(stream.numSteps).toBe(0);
  });
});

async function checkEncoder(
  weights: Tensors,
  sizes: LanguageModelConfig,
  golden: Tensors,
): Promise<void> {
  const phones = golden.get('in.phones')!;
  const shape = [1, phones.data.length];
  const session = await runtime.load('encoder', buildEncoderGraph(new Weights(weights), sizes));
  const { encoded } = await session.run({
    phones: { ...phones, shape },
    word_start: { ...golden.get('in.word_start')!, shape },
  });
  expect(relativeRms(golden.get('out.encoded')!.data, encoded!.data)).toBeLessThan(TOLERANCE);
  await session.close();
}

/** Walks the golden file's path, one step a run, and compares what comes out. */
async function checkSteps(
  weights: Tensors,
  sizes: LanguageModelConfig,
  golden: Tensors,
): Promise<void> {
  const read = (name: string): Int32Array => golden.get(name)!.data as Int32Array;
  const encoded = golden.get('out.encoded')!.data as Float32Array;
  const pointers = read('in.pointers');
  const numPhones = read('in.phones').length;
  const graph = buildStepGraph(new Weights(weights), sizes, {
    numSteps: 1,
    isForced: true,
  });
  const session = await runtime.load('steps', graph);
  const window = sizes.maxAdvance + 1;
  const integers = (value: number | undefined, shape = [1]): TensorLike => {
    return { dtype: 'int32', shape, data: Int32Array.of(value!) };
  };
  const voice = read('in.voice')[0]!;
  const initial = weights.get('initial_state')!.data as Float32Array;
  const size = initial.length / sizes.voiceIds.length;
  const stateShape = [1, sizes.numLayers, sizes.numHeads, sizes.keyDim, sizes.valueDim];
  let state = float32(stateShape, initial.slice(voice * size, (voice + 1) * size)) as TensorLike;
  const tokenLogits: number[] = [];
  const advanceLogits: number[] = [];
  for (const [step, pointer] of pointers.entries()) {
    const rows = new Float32Array(window * sizes.dim);
    rows.set(encoded.subarray(pointer * sizes.dim, (pointer + window) * sizes.dim));
    const outputs = await session.run({
      rows: float32([1, window, sizes.dim], rows),
      max_dwell: { dtype: 'int32', shape: [1, window], data: new Int32Array(window).fill(99) },
      num_phones: integers(Math.min(window, numPhones - pointer)),
      token: integers(read('in.previous')[step]),
      dwell: integers(read('in.dwell')[step]),
      voice: integers(voice),
      temperature: float32([1, 1], Float32Array.of(1)),
      noise: float32([1, 1, 2], Float32Array.of(0.5, 0.5)),
      forced: integers(read('in.tokens')[step], [1, 1]),
      state_0: state,
    });
    tokenLogits.push(...(outputs['token_logits']!.data as Float32Array));
    advanceLogits.push(...(outputs['advance_logits']!.data as Float32Array));
    state = outputs['next_state_0']!;
  }
  const compare = (actual: ArrayLike<number>, name: string): void => {
    expect(relativeRms(golden.get(name)!.data, actual)).toBeLessThan(TOLERANCE);
  };
  compare(tokenLogits, 'out.token_logits');
  compare(advanceLogits, 'out.advance_logits');
  compare(state.data as Float32Array, 'out.state');
  await session.close();
}
