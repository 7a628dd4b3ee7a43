import { Runtime } from '../../../kernels/index.js';
import { FlowDecoder, type FlowStream, type FlowToken } from '../../../tts/flow/index.js';
import { relativeRms } from '../../helpers/signal.js';

const TOLERANCE = 1e-4; // rows of a batch are added up in another order than one row

let runtimes: Runtime[];
let alone: FlowDecoder;
let slots: FlowDecoder;

beforeAll(async () => {
  const create = (hasSlots: boolean) =>
    Runtime.create({ device: 'cpu', threads: 2, slots: hasSlots });
  runtimes = [await create(false), await create(true)];
  alone = await FlowDecoder.load(runtimes[0]!, 'models/flow');
  slots = await FlowDecoder.load(runtimes[1]!, 'models/flow');
}, 60_000);

afterAll(() => Promise.all(runtimes.map((runtime) => runtime.close())));

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
    const whole = await speak(alone.stream(options), input, []);
    expect(whole).toHaveLength(count * 2 * 64);
    const cutUp = await speak(slots.stream(options), input, cut);
    expect(cutUp).toHaveLength(whole.length);
    if (count > 0) {
      expect(relativeRms(whole, cutUp)).toBeLessThan(TOLERANCE);
    }
  });

  it('gives streams of all ages their own latents in one run', async () => {
    const speakers = ['heart', 'george', 'sarah'].map((voice, index) => ({
      input: tokens(6 + index),
      stream: slots.stream({ voice, seed: index }),
      reference: alone.stream({ voice, seed: index }),
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
      const results = await slots.advance(pieces);
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
