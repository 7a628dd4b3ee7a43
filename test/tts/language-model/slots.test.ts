import { Runtime } from '../../../kernels/index.js';
import {
  LanguageModel,
  type LanguageModelStream,
  type Step,
} from '../../../tts/language-model/index.js';
import { relativeRms } from '../../helpers/signal.js';

const TOLERANCE = 1e-4; // rows of a batch are added up in another order than one row

let runtimes: Runtime[];
let alone: LanguageModel;
let slots: LanguageModel;

beforeAll(async () => {
  const create = (hasSlots: boolean) =>
    Runtime.create({ device: 'cpu', threads: 2, slots: hasSlots });
  runtimes = [await create(false), await create(true)];
  alone = await LanguageModel.load(runtimes[0]!, 'models/language-model');
  slots = await LanguageModel.load(runtimes[1]!, 'models/language-model');
}, 60_000);

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
      const stream = await open(alone, voice, seed);
      const steps: Step[] = [];
      while (!stream.isAtEnd) {
        steps.push(...(await alone.advance([stream]))[0]!);
      }
      expected.push({ steps, state: await floats(stream) });
    }
    const streams: LanguageModelStream[] = [];
    const steps: Step[][] = SPEAKERS.map(() => []);
    const areAllThere = () => streams.length === SPEAKERS.length;
    for (let run = 0; !areAllThere() || streams.some(({ isAtEnd }) => !isAtEnd); run++) {
      for (const { voice, seed } of SPEAKERS.filter(({ from }) => from === run)) {
        streams.push(await open(slots, voice, seed));
      }
      const active = streams.filter(({ isAtEnd }) => !isAtEnd);
      const taken = await slots.advance(active);
      for (const [index, stream] of active.entries()) {
        steps[streams.indexOf(stream)]!.push(...taken[index]!);
      }
    }
    // those that have ended stayed as they were while the others went on
    for (const [speaker, { steps: path, state }] of expected.entries()) {
      expect(steps[speaker]).toEqual(path);
      expect(relativeRms(state, await floats(streams[speaker]!))).toBeLessThan(TOLERANCE);
      streams[speaker]!.close();
    }
    expect(new Set(expected.map(({ steps: path }) => JSON.stringify(path))).size).toBe(3);
  });

  it('tells of values that are not numbers in one stream, and goes on with the others', async () => {
    const [broken, sound] = [await open(slots, 'heart', 1), await open(slots, 'heart', 1)];
    broken.rows = broken.rows.map(() => NaN);
    const reference = await open(alone, 'heart', 1);
    for (let run = 0; run < 3; run++) {
      const [lost, steps] = await slots.advance([broken, sound]);
      expect(lost).toBeUndefined();
      expect(steps).toEqual((await alone.advance([reference]))[0]);
    }
    broken.close();
    sound.close();
    // the row that it leaves is as new
    const next = await open(slots, 'heart', 1);
    const again = await open(alone, 'heart', 1);
    expect((await slots.advance([next]))[0]).toEqual((await alone.advance([again]))[0]);
    next.close();
  });
});
