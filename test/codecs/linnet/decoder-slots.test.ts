import { LatentCodec, type LatentDecoder } from '../../../codecs/index.js';
import { Runtime } from '../../../kernels/index.js';
import { noise, relativeRms } from '../../helpers/signal.js';

const TOLERANCE = 1e-4; // rows of a batch are added up in another order than one row

let runtimes: Runtime[];
let alone: LatentDecoder;
let slots: LatentDecoder;

beforeAll(async () => {
  const create = (hasSlots: boolean) =>
    Runtime.create({ device: 'cpu', threads: 2, slots: hasSlots });
  runtimes = [await create(false), await create(true)];
  alone = await new LatentCodec(runtimes[0]!, 'models').speechDecoder.get();
  slots = await new LatentCodec(runtimes[1]!, 'models').speechDecoder.get();
}, 60_000);

afterAll(() => Promise.all(runtimes.map((runtime) => runtime.close())));

describe('the decoder with slots', () => {
  it.each([
    { count: 1, cut: [] },
    { count: 6, cut: [4, 2] },
    { count: 9, cut: [1, 1, 5] },
    { count: 12, cut: [4, 4, 4] },
  ])('gives the samples of $count frames in pieces of $cut', async ({ count, cut }) => {
    const z = noise(count * 64, 8);
    const whole = alone.stream();
    const expected = [...(await whole.push(z)), ...(await whole.flush())];
    expect(expected).toHaveLength(count * 480);
    const stream = slots.stream();
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
