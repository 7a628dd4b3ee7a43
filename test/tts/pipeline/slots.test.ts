import { rm } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { joinSamples } from '../../../base/arrays.js';
import { LatentCodec } from '../../../codecs/index.js';
import { Runtime } from '../../../kernels/index.js';
import type { FlowOptions } from '../../../tts/flow/index.js';
import { SpeechJob } from '../../../tts/pipeline/speech-job.js';
import { unpackSnapshot, type StreamSnapshot } from '../../../tts/pipeline/snapshot.js';
import { SpeechModels } from '../../../tts/pipeline/speech-models.js';
import { speechScheduler } from '../../../tts/pipeline/speech-scheduler.js';
import type { SpeechChunk, SpeechRequest } from '../../../tts/types.js';
import { writeTinyModels } from '../../helpers/tiny-models.js';
import { watchCalls } from '../../helpers/watch-calls.js';

const TOLERANCE = 1e-3; // of samples in [-1, 1], after all networks

/** A speech and what it becomes. */
type Spoken = {
  tokens: number[];
  chunks: SpeechChunk[];
  samples: Float32Array;
  error: unknown;
};

/** What is to be said, in pushes that come as text is asked for. */
type Saying = {
  request: SpeechRequest;
  pushes: { text: string; flush?: number; hasSnapshot?: boolean }[];
  /** Where it goes on from. */
  resume?: StreamSnapshot;
};

const say = (text: string, options: Partial<SpeechRequest> = {}): Saying => ({
  request: {
    voice: 'first',
    seed: 1,
    speed: 1,
    temperature: undefined,
    isLive: false,
    ...options,
  },
  pushes: [{ text }],
});

let folder: string;
let runtimes: Runtime[];
let alone: SpeechModels;
let slots: SpeechModels;

const load = (runtime: Runtime, path: string) =>
  SpeechModels.load(runtime, path, new LatentCodec(runtime, path));

beforeAll(async () => {
  folder = await writeTinyModels();
  const create = (hasSlots: boolean) =>
    Runtime.create({ device: 'cpu', threads: 2, slots: hasSlots });
  runtimes = [await create(false), await create(true)];
  [alone, slots] = [await load(runtimes[0]!, folder), await load(runtimes[1]!, folder)];
}, 60_000);

afterAll(async () => {
  await Promise.all(runtimes.map((runtime) => runtime.close()));
  await rm(folder, { recursive: true });
});

/** Speaks all at once, as the engine's worker does. */
async function speak(models: SpeechModels, sayings: readonly Saying[]): Promise<Spoken[]> {
  const scheduler = speechScheduler(models);
  const spoken: Spoken[] = [];
  const numbers = new Map<SpeechJob, number>();
  const unwatch = watchCalls(SpeechJob.prototype, 'acceptTokens', (job, [steps]) => {
    const tokens = (steps as { token: number }[]).map(({ token }) => token);
    spoken[numbers.get(job)!]!.tokens.push(...tokens);
  });
  for (const [id, { request, pushes, resume }] of sayings.entries()) {
    const said: Spoken = { tokens: [], chunks: [], samples: new Float32Array(0), error: undefined };
    spoken.push(said);
    const waiting = pushes.map((push, index) => ({ ...push, isLast: index === pushes.length - 1 }));
    const job: SpeechJob = new SpeechJob(models, request, {
      wantText: () => void pushNext(),
      chunk: (chunk) => {
        said.chunks.push({ ...chunk, samples: chunk.samples.slice() });
        job.consume(chunk.samples.length);
      },
      end: () => undefined,
      fail: (error) => {
        said.error = error;
      },
    });
    const pushNext = async (): Promise<void> => {
      const push = waiting.shift();
      if (push !== undefined) {
        await job.pushText(push);
        scheduler.wake();
      }
    };
    numbers.set(job, id);
    if (resume !== undefined) {
      await job.restore(resume);
    }
    await pushNext();
    scheduler.add(id, job);
  }
  while (scheduler.size > 0) {
    await setImmediate();
  }
  unwatch();
  for (const said of spoken) {
    said.samples = joinSamples(said.chunks.map(({ samples }) => samples));
  }
  return spoken;
}

async function speakAlone(models: SpeechModels, sayings: readonly Saying[]): Promise<Spoken[]> {
  const spoken: Spoken[] = [];
  for (const saying of sayings) {
    spoken.push(...(await speak(models, [saying])));
  }
  return spoken;
}

function expectSame(actual: Spoken, expected: Spoken): void {
  expect(actual.error).toBeUndefined();
  expect(actual.tokens).toEqual(expected.tokens);
  expect(actual.samples.length).toBe(expected.samples.length);
  const differences = expected.samples.map((sample, index) =>
    Math.abs(sample - actual.samples[index]!),
  );
  expect(differences.every((difference) => difference < TOLERANCE)).toBe(true);
  const words = ({ chunks }: Spoken) => chunks.flatMap((chunk) => chunk.words);
  expect(words(actual)).toEqual(words(expected));
}

const SAYINGS = [
  say('The quick brown fox jumps.'),
  say('Yes.', { voice: 'second', seed: 7 }),
  say('One two. Three four!', { seed: 3, temperature: 0.9 }),
  say('Good morning to all.', { voice: 'second', seed: 5, speed: 1.3 }),
];

describe('speech on slots', () => {
  it('sounds as without, alone and among others', async () => {
    const expected = await speakAlone(alone, SAYINGS);
    const together = await speak(slots, SAYINGS);
    const single = await speakAlone(slots, SAYINGS);
    for (const [index, spoken] of expected.entries()) {
      expect(spoken.samples.length).toBeGreaterThan(1000);
      expectSame(together[index]!, spoken);
      expectSame(single[index]!, spoken);
    }
  });

  it('sounds as without with the real weights', async () => {
    const voices = ['heart', 'michael', 'emma', 'puck'];
    const sayings = SAYINGS.map(({ request, pushes }, index) => {
      return { pushes, request: { ...request, voice: voices[index]! } };
    });
    const expected = await speakAlone(await load(runtimes[0]!, 'models'), sayings);
    const together = await speak(await load(runtimes[1]!, 'models'), sayings);
    for (const [index, spoken] of expected.entries()) {
      expectSame(together[index]!, spoken);
    }
  }, 120_000);

  it('shares the runs of all stages', async () => {
    const before = structuredClone(slots.clock.totals);
    await speak(slots, [SAYINGS[0]!, SAYINGS[0]!, SAYINGS[0]!]);
    for (const stage of ['tokens', 'latents', 'samples'] as const) {
      const { runs, streams } = slots.clock.totals[stage];
      // all three say the same, so that each is there from first to last
      expect((streams - before[stage].streams) / (runs - before[stage].runs)).toBeGreaterThan(2.5);
    }
  }, 60_000);

  describe('in chunks', () => {
    const now = performance.now.bind(performance);

    afterEach(() => {
      performance.now = now;
    });

    it('gives short ones first, then longer ones', async () => {
      // a listener who never runs dry
      performance.now = () => 0;
      const [spoken] = await speak(slots, [say('word '.repeat(60))]);
      const sizes = spoken!.chunks.map(({ samples }) => samples.length);
      // four tokens of 40 ms, of which the decoder holds 70 ms back; then what 5, 8, 12... tokens take
      expect(sizes.slice(0, 5)).toEqual([4 * 960 - 1680, ...[2, 6, 8, 12].map((n) => n * 960)]);
      expect([...sizes.slice(0, -1)].sort((a, b) => a - b)[0]).toBe(2 * 960);
    });

    it('gives what there is to a listener who runs dry', async () => {
      let seconds = 0;
      performance.now = () => 1000 * seconds++;
      const [spoken] = await speak(slots, [say('word '.repeat(6))]);
      const sizes = spoken!.chunks.map(({ samples }) => samples.length);
      expect(new Set(sizes.slice(1, -3))).toEqual(new Set([2 * 960]));
    });
  });

  it('tells of a flush when all words before it were given', async () => {
    const pushes = [{ text: 'One two', flush: 7 }, { text: ' three', flush: 8 }, { text: '' }];
    const saying = { ...say('', { isLive: true }), pushes };
    const [spoken] = await speak(slots, [saying]);
    const told: (string | number)[] = [];
    for (const { words, flushed } of spoken!.chunks) {
      told.push(...words.map(({ word }) => word), ...(flushed === undefined ? [] : [flushed]));
    }
    expect(told).toEqual(['One', 'two', 7, 'three', 8]);
    const [expected] = await speak(alone, [saying]);
    expect(spoken!.tokens).toEqual(expected!.tokens);
    // each silence may be a token longer
    const added = spoken!.samples.length - expected!.samples.length;
    expect([0, 960, 2 * 960]).toContain(added);
  });

  it('goes on from a snapshot, while others speak', async () => {
    const live = say('', { isLive: true, voice: 'second', seed: 4 });
    const begin = { text: 'One two three', flush: 1, hasSnapshot: true };
    const rest = [{ text: ' four five.', flush: 2 }, { text: ' Six seven.' }];
    const [whole] = await speak(slots, [{ ...live, pushes: [begin, ...rest] }, SAYINGS[0]!]);
    const at = whole!.chunks.findIndex(({ flushed }) => flushed === 1);
    const resume = unpackSnapshot(whole!.chunks[at]!.snapshot!, slots.identity);
    const request = { ...live.request, isContinued: true };
    const saying = { request, pushes: rest, resume };
    const resumed = (await speak(slots, [SAYINGS[2]!, saying, SAYINGS[0]!]))[1]!;
    const expected = joinSamples(whole!.chunks.slice(at).map(({ samples }) => samples));
    expect(resumed.samples.length).toBe(expected.length);
    expect(expected.length).toBeGreaterThan(10_000);
    for (const [index, sample] of expected.entries()) {
      expect(Math.abs(sample - resumed.samples[index]!)).toBeLessThan(TOLERANCE);
    }
    expect(() => unpackSnapshot(whole!.chunks[at]!.snapshot!, alone.identity)).toThrow(
      expect.objectContaining({ code: 'STATE_INVALID' }) as Error,
    );
  });

  it('begins as any speech from a snapshot that was taken before anything was said', async () => {
    const live = say('', { isLive: true, voice: 'second', seed: 4 });
    const [empty] = await speak(slots, [
      { ...live, pushes: [{ text: '', flush: 1, hasSnapshot: true }, { text: '' }] },
    ]);
    const resume = unpackSnapshot(empty!.chunks[0]!.snapshot!, slots.identity);
    const saying = { ...live, pushes: [{ text: 'One two three four.' }] };
    const [expected] = await speak(slots, [saying]);
    const [resumed] = await speak(slots, [{ ...saying, resume }]);
    expectSame(resumed!, expected!);
    expect(expected!.samples.length).toBeGreaterThan(5_000);
  });

  it('fails only the speech whose tokens are not numbers', async () => {
    const broken = say('This one is broken.', { temperature: NaN });
    const [first, bad, second] = await speak(slots, [SAYINGS[0]!, broken, SAYINGS[2]!]);
    const expected = await speakAlone(alone, [SAYINGS[0]!, SAYINGS[2]!]);
    expect(bad!.error).toMatchObject({ code: 'INTERNAL' });
    expectSame(first!, expected[0]!);
    expectSame(second!, expected[1]!);
    // its rows are taken by others
    expectSame((await speak(slots, [SAYINGS[0]!]))[0]!, expected[0]!);
  });

  it('fails only the speech whose latents are not numbers', async () => {
    const open = slots.flow.stream.bind(slots.flow);
    const streamOf = (options: FlowOptions) => {
      const stream = open(options);
      if (options.seed === 666) {
        stream.fillNoise = (noise) => {
          noise.fill(NaN);
        };
      }
      return stream;
    };
    slots.flow.stream = streamOf;
    const broken = say('This one is broken.', { seed: 666 });
    const [first, bad, second] = await speak(slots, [SAYINGS[0]!, broken, SAYINGS[2]!]);
    slots.flow.stream = open;
    const expected = await speakAlone(alone, [SAYINGS[0]!, SAYINGS[2]!]);
    expect(bad!.error).toMatchObject({ code: 'INTERNAL' });
    expect(bad!.chunks).toEqual([]);
    expectSame(first!, expected[0]!);
    expectSame(second!, expected[1]!);
    expectSame((await speak(slots, [SAYINGS[0]!]))[0]!, expected[0]!);
  });

  it('fails only the speech whose text cannot be read', async () => {
    const broken = say(`${'word '.repeat(150)}[[HH QQ AH0]]`);
    const [first, bad] = await speak(slots, [SAYINGS[0]!, broken]);
    const [expected] = await speak(alone, [SAYINGS[0]!]);
    expect(bad!.error).toMatchObject({ code: 'OPTION_INVALID' });
    expectSame(first!, expected!);
  });

  it('sounds as without more speeches than it had rows for', async () => {
    const many = Array.from({ length: 9 }, (_, index) => say('Yes, yes.', { seed: index % 3 }));
    const expected = await speakAlone(alone, many.slice(0, 3));
    const together = await speak(slots, many);
    for (const [index, spoken] of together.entries()) {
      expectSame(spoken, expected[index % 3]!);
    }
  });
});
