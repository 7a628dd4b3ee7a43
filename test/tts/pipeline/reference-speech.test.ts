import { LatentCodec, type LatentDecoder } from '../../../codecs/index.js';
import { Runtime, type Tensors } from '../../../kernels/index.js';
import { FlowDecoder, type FlowToken } from '../../../tts/flow/index.js';
import { fillNormal } from '../../../tts/noise.js';
import { GoldenFile } from '../../helpers/golden.js';
import { relativeRms } from '../../helpers/signal.js';

const TOLERANCE = 1e-4; // the project's own, for float32 graphs against PyTorch

describe('tokens to samples with the real weights', () => {
  const golden = new GoldenFile('speech/real');
  const tensors: Tensors = golden.tensors;
  const read = (name: string): Int32Array => tensors.get(name)!.data as Int32Array;
  const seed = read('in.seed')[0]!;
  const tokens = Array.from(read('in.tokens'), (token, index): FlowToken => {
    return { token, phone: read('in.phones')[index]! };
  });
  let runtime: Runtime;
  let flow: FlowDecoder;
  let latents: LatentDecoder;

  beforeAll(async () => {
    runtime = await Runtime.create({ device: 'cpu', threads: 2 });
    flow = await FlowDecoder.load(runtime, 'models/flow');
    latents = await new LatentCodec(runtime, 'models').decoder.get();
  }, 60_000);

  afterAll(() => runtime.close());

  it('draws the noise that the reference draws', () => {
    const drawn = new Float32Array(64);
    fillNormal(drawn, seed, 'flow', 1);
    expect(relativeRms(golden.floats('out.noise').subarray(64, 128), drawn)).toBeLessThan(1e-6);
  });

  it.each([{ size: tokens.length }, { size: 1 }, { size: 5 }])(
    'gives what PyTorch gives, in pushes of $size tokens',
    async ({ size }) => {
      const voice = flow.config.voiceIds[read('in.voice')[0]!]!;
      const flowStream = flow.stream({ voice, seed });
      const decoder = latents.stream();
      const samples: number[] = [];
      for (let start = 0; start < tokens.length; start += size) {
        const isLast = start + size >= tokens.length;
        const z = await flowStream.push(tokens.slice(start, start + size), isLast);
        samples.push(...(await decoder.push(z)));
      }
      samples.push(...(await decoder.flush()));
      const expected = golden.floats('out.audio');
      expect(samples).toHaveLength(expected.length);
      expect(relativeRms(expected, Float32Array.from(samples))).toBeLessThan(TOLERANCE);
    },
  );
});
