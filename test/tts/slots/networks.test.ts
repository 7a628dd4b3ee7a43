import { join } from 'node:path';
import { LatentCodec, type LatentDecoder } from '../../../codecs/index.js';
import { Runtime } from '../../../kernels/index.js';
import { FlowDecoder, type FlowStream, type FlowToken } from '../../../tts/flow/index.js';
import {
  LanguageModel,
  type LanguageModelStream,
  type Step,
} from '../../../tts/language-model/index.js';
import { noise, relativeRms } from '../../helpers/signal.js';

const TOLERANCE = 1e-4; // rows of a batch are added up in another order than one row

type Networks = { language: LanguageModel; flow: FlowDecoder; latents: LatentDecoder };

let alone: Networks;
let slots: Networks;
const runtimes: Runtime[] = [];

async function load(hasSlots: boolean): Promise<Networks> {
  const runtime = await Runtime.create({ device: 'cpu', threads: 2, slots: hasSlots });
  runtimes.push(runtime);
  return {
    language: await LanguageModel.load(runtime, join('models', 'language-model')),
    flow: await FlowDecoder.load(runtime, join('models', 'flow')),
    latents: await new LatentCodec(runtime, 'models').speechDecoder.get(),
  };
}

beforeAll(async () => {
  [alone, slots] = [await load(false), await load(true)];
}, 120_000);

afterAll(() => Promise.all(runtimes.map((runtime) => runtime.close())));

describe('the language model with slots', () => {
  const PHONES = Int32Array.of(2, 30, 41, 22, 63, 14, 55, 36, 47, 2);
  const WORD_STARTS = Int32Array.of(0, 1, 0, 0, 1, 0, 0, 1, 0, 0);
  /** Streams by the run in which they come. */
  const SPEAKERS = [
    { voice: 'heart', seed: 1, from: 0 },
    { voice: 'michael', seed: 2, from: 3 },
    { voice: 'emma', seed: 3, from: 5 },
  ];

  async function open(model: LanguageModel, voice: string, seed: number) {
    const stream = model.stream({ voice, seed, temperature: 0.8 });
    stream.begin(await model.encode(PHONES, WORD_STARTS), new Int32Array(PHONES.length).fill(6));
    return stream;
  }

  const floats = async (stream: LanguageModelStream) =>
    new Float32Array((await stream.state.snapshot()).buffer);

  it('gives streams that come and go the tokens and states that they have alone', async () => {
    const expected: { steps: Step[]; state: Float32Array }[] = [];
    for (const { voice, seed } of SPEAKERS) {
      const stream = await open(alone.language, voice, seed);
      const steps: Step[] = [];
      while (!stream.isAtEnd) {
        steps.push(...(await alone.language.advance([stream]))[0]!);
      }
      expected.push({ steps, state: await floats(stream) });
    }
    const streams: LanguageModelStream[] = [];
    const steps: Step[][] = SPEAKERS.map(() => []);
    const states: Float32Array[] = [];
    for (let run = 0; run < 100 && states.length < SPEAKERS.length; run++) {
      for (const { voice, seed } of SPEAKERS.filter(({ from }) => from === run)) {
        streams.push(await open(slots.language, voice, seed));
      }
      const active = streams.filter(({ isAtEnd }) => !isAtEnd);
      const taken = await slots.language.advance(active);
      for (const [index, stream] of active.entries()) {
        const speaker = streams.indexOf(stream);
        steps[speaker]!.push(...taken[index]!);
        if (stream.isAtEnd) {
          // its row stays as it is while the others go on
          states.push(new Float32Array(0));
        }
      }
    }
    for (const [speaker, { steps: path, state }] of expected.entries()) {
      expect(steps[speaker]).toEqual(path);
      expect(relativeRms(state, await floats(streams[speaker]!))).toBeLessThan(TOLERANCE);
      streams[speaker]!.close();
    }
    expect(new Set(expected.map(({ steps: path }) => JSON.stringify(path))).size).toBe(3);
  });

  it('tells of values that are not numbers in one stream, and goes on with the others', async () => {
    const [broken, sound] = [
      await open(slots.language, 'heart', 1),
      await open(slots.language, 'heart', 1),
    ];
    broken.rows = broken.rows.map(() => NaN);
    const reference = await open(alone.language, 'heart', 1);
    for (let run = 0; run < 3; run++) {
      const [lost, steps] = await slots.language.advance([broken, sound]);
      expect(lost).toBeUndefined();
      expect(steps).toEqual((await alone.language.advance([reference]))[0]);
    }
    broken.close();
    sound.close();
    // the row that it leaves is as new
    const next = await open(slots.language, 'heart', 1);
    const again = await open(alone.language, 'heart', 1);
    expect((await slots.language.advance([next]))[0]).toEqual(
      (await alone.language.advance([again]))[0],
    );
    next.close();
  });
});

describe('the flow decoder with slots', () => {
  const tokens = (count: number): FlowToken[] =>
    Array.from({ length: count }, (_, index) => ({
      token: (index * 577 + 91) % 4096,
      phone: 1 + ((index * 7) % 70),
    }));

  async function speak(stream: FlowStream, input: readonly FlowToken[], cut: readonly number[]) {
    const latents: number[] = [];
    let start = 0;
    for (const size of cut) {
      latents.push(...(await stream.push(input.slice(start, start + size))));
      start += size;
    }
    latents.push(...(await stream.push(input.slice(start), true)));
    stream.close();
    return latents;
  }

  it.each([
    { count: 0, cut: [] },
    { count: 1, cut: [] },
    { count: 2, cut: [1] },
    { count: 7, cut: [2, 0, 3] },
    { count: 12, cut: [5, 1, 1] },
    { count: 13, cut: [13] }, // nothing is left for the last push
  ])('gives the latents of $count tokens in pieces of $cut', async ({ count, cut }) => {
    const input = tokens(count);
    const options = { voice: 'puck', seed: 4 };
    const whole = await speak(alone.flow.stream(options), input, []);
    expect(whole).toHaveLength(count * 2 * 64);
    const cutUp = await speak(slots.flow.stream(options), input, cut);
    expect(cutUp).toHaveLength(whole.length);
    if (count > 0) {
      expect(relativeRms(whole, cutUp)).toBeLessThan(TOLERANCE);
    }
  });

  it('gives streams of all ages their own latents in one run', async () => {
    const speakers = ['heart', 'george', 'sarah'].map((voice, index) => ({
      input: tokens(6 + index),
      stream: slots.flow.stream({ voice, seed: index }),
      reference: alone.flow.stream({ voice, seed: index }),
      from: 2 * index,
      latents: [] as number[],
      isOver: false,
    }));
    for (let run = 0; speakers.some(({ isOver }) => !isOver); run++) {
      const taking = speakers.filter(({ from, isOver }) => from <= run && !isOver);
      const pieces = taking.map(({ stream, input, from }) => {
        const next = input.splice(0, stream.numWanted);
        return { stream, tokens: next, isLast: input.length === 0 && from < run };
      });
      const results = await slots.flow.advance(pieces);
      taking.forEach((speaker, index) => {
        speaker.latents.push(...results[index]!.latents);
        speaker.isOver = results[index]!.isOver;
      });
    }
    for (const [index, { reference, latents }] of speakers.entries()) {
      const expected = await reference.push(tokens(6 + index), true);
      expect(relativeRms(expected, latents)).toBeLessThan(TOLERANCE);
    }
  });
});

describe('the decoder with slots', () => {
  it.each([
    { count: 1, cut: [] },
    { count: 6, cut: [4, 2] },
    { count: 9, cut: [1, 1, 5] },
    { count: 12, cut: [4, 4, 4] },
  ])('gives the samples of $count frames in pieces of $cut', async ({ count, cut }) => {
    const z = noise(count * 64, 8);
    const whole = alone.latents.stream();
    const expected = [...(await whole.push(z)), ...(await whole.flush())];
    expect(expected).toHaveLength(count * 480);
    const stream = slots.latents.stream();
    // twice, since a flush leaves it as new
    for (let turn = 0; turn < 2; turn++) {
      const samples: number[] = [];
      let start = 0;
      for (const size of [...cut, count]) {
        samples.push(...(await stream.push(z.subarray(start * 64, (start + size) * 64))));
        start += size;
      }
      samples.push(...(await stream.flush()));
      expect(relativeRms(expected, samples)).toBeLessThan(TOLERANCE);
    }
    stream.close();
  });
});
