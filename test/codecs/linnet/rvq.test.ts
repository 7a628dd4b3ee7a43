import { concatCodes } from '../../../codecs/codes.js';
import { readLatentCodecConfig, type LatentCodecConfig } from '../../../codecs/linnet/config.js';
import { LatentDecoder } from '../../../codecs/linnet/latent-decoder.js';
import { LatentEncoder } from '../../../codecs/linnet/latent-encoder.js';
import { Lazy } from '../../../codecs/linnet/lazy.js';
import { ResidualQuantizer } from '../../../codecs/linnet/rvq/residual-quantizer.js';
import { tokenCodec } from '../../../codecs/linnet/token-codec.js';
import { StreamingCodec } from '../../../codecs/streaming/streaming-codec.js';
import { Runtime, Weights } from '../../../kernels/index.js';
import { GoldenFile } from '../../helpers/golden.js';
import { relativeRms } from '../../helpers/signal.js';

const TOLERANCE = 1e-4; // float32 networks, added up in another order than PyTorch's
const STREAM_TOLERANCE = 1e-4; // of samples that are at most about 1
const FRAME = 480;
const OVERLAP = 720 + 2 * FRAME; // of the transform, and what the decoder looks ahead

describe('the spectral codec on its tiny golden file', () => {
  const golden = new GoldenFile('codec/tiny');
  const audio = golden.floats('in.audio');
  let runtime: Runtime;
  let config: LatentCodecConfig;
  let encoder: LatentEncoder;
  let decoder: LatentDecoder;
  let codec: StreamingCodec;

  beforeAll(async () => {
    runtime = await Runtime.create({ device: 'cpu', threads: 1 });
    config = readLatentCodecConfig('test/golden/codec/tiny.json');
    const weights = new Weights(golden.under('weights.'));
    encoder = await LatentEncoder.load(runtime, weights, config);
    decoder = await LatentDecoder.load(runtime, weights, config);
    const quantizer = await ResidualQuantizer.load(runtime, weights, config);
    const parts = {
      config,
      encoder: new Lazy(() => Promise.resolve(encoder)),
      decoder: new Lazy(() => Promise.resolve(decoder)),
    };
    codec = new StreamingCodec(tokenCodec(parts, 'rvq', quantizer, 'ab'.repeat(32)));
  });

  afterAll(() => runtime.close());

  function padded(): Float32Array {
    const frames = Math.ceil((audio.length + OVERLAP) / FRAME);
    const samples = new Float32Array(frames * FRAME);
    samples.set(audio);
    return samples;
  }

  it('reproduces the latents', async () => {
    const z = await encoder.stream().encode(padded());
    expect(relativeRms(golden.floats('out.z'), z)).toBeLessThan(TOLERANCE);
  });

  it('reproduces the codes', async () => {
    const codes = await codec.encode(audio);
    expect(codes).toMatchObject({ numCodebooks: 3, numSamples: audio.length });
    expect(codes.data).toEqual(golden.codes('out.codes'));
  });

  it('reproduces the audio of unquantised latents', async () => {
    const samples = await decoder.stream().push(golden.floats('out.z'));
    const expected = golden.floats('out.audio.z');
    expect(samples).toHaveLength(padded().length - OVERLAP);
    expect(relativeRms(expected, samples.subarray(0, expected.length))).toBeLessThan(TOLERANCE);
  });

  it('reproduces the audio of a prefix of the levels', async () => {
    const codes = await codec.encode(audio, { numCodebooks: 2 });
    const samples = await codec.decode(codes);
    expect(relativeRms(golden.floats('out.audio.2'), samples)).toBeLessThan(TOLERANCE);
  });

  it.each([1, 2, 3])('looks up the first %i levels', async (numCodebooks) => {
    const weights = new Weights(golden.under('weights.'));
    const quantizer = await ResidualQuantizer.load(runtime, weights, config);
    const { data } = await codec.encode(audio, { numCodebooks });
    const latents = await quantizer.decode(data, numCodebooks);
    await quantizer.close();
    const expected = golden.floats(`out.latents.${numCodebooks}`);
    expect(relativeRms(expected, latents)).toBeLessThan(TOLERANCE);
  });

  it.each([1, 239, 480, 481, 1500, 5000])(
    'gives the tokens of the whole in pushes of %i samples',
    async (size) => {
      const stream = codec.encoder();
      const chunks = [];
      for (let start = 0; start < audio.length; start += size) {
        // a push of one sample is a push as any other, so a few of them are enough
        const end = size === 1 && start >= 50 ? audio.length : start + size;
        chunks.push(await stream.push(audio.subarray(start, end)));
        start = end - size;
      }
      chunks.push(await stream.flush());
      await stream.close();
      expect(concatCodes(chunks)).toEqual(await codec.encode(audio));
    },
  );

  it.each([1, 2, 5, 7])('gives the samples of the whole in pushes of %i frames', async (size) => {
    const codes = await codec.encode(audio);
    const whole = await codec.decode(codes);
    const stream = codec.decoder();
    const samples: number[] = [];
    for (let frame = 0; frame < codes.numFrames; frame += size) {
      const numFrames = Math.min(size, codes.numFrames - frame);
      const data = codes.data.slice(frame * 3, (frame + numFrames) * 3);
      const numSamples = Math.min(FRAME * numFrames, Math.max(0, audio.length - FRAME * frame));
      samples.push(...(await stream.push({ data, numFrames, numCodebooks: 3, numSamples })));
    }
    await stream.close();
    expect(samples).toHaveLength(whole.length);
    const worst = whole.reduce((max, x, index) => Math.max(max, Math.abs(x - samples[index]!)), 0);
    expect(worst).toBeLessThan(STREAM_TOLERANCE);
  });

  it('never looks ahead', async () => {
    const whole = await encoder.stream().encode(padded());
    const cut = padded();
    // frames 0 to 4 have been heard when sample 2400 comes
    cut.fill(0.9, 5 * FRAME);
    const changed = await encoder.stream().encode(cut);
    const known = 5 * config.latentDim;
    expect(changed.subarray(0, known)).toEqual(whole.subarray(0, known));
    expect(changed[known]).not.toBe(whole[known]);
  });

  it('keeps two streams apart', async () => {
    const [first, second] = [decoder.stream(), decoder.stream()];
    const z = golden.floats('out.z');
    await first.push(z.map((value) => -value));
    const samples = await second.push(z);
    expect(samples).toEqual(await decoder.stream().push(z));
    first.reset();
    expect(await first.push(z)).toEqual(samples);
  });

  it('pays the overlap at the end of latents', async () => {
    const stream = decoder.stream();
    const z = golden.floats('out.z');
    const samples = await stream.push(z);
    expect(await stream.flush()).toHaveLength(OVERLAP);
    expect(await stream.push(z)).toEqual(samples);
    await expect(stream.push(z.subarray(1))).rejects.toMatchObject({
      code: 'INPUT_SHAPE_MISMATCH',
    });
  });

  it('fails when it was closed', async () => {
    const weights = new Weights(golden.under('weights.'));
    const closed = await LatentDecoder.load(runtime, weights, config);
    const stream = closed.stream();
    await closed.close();
    const push = stream.push(golden.floats('out.z'));
    await expect(push).rejects.toMatchObject({ code: 'ENGINE_CLOSED' });
  });

  it('names the tensor that is missing', async () => {
    const tensors = golden.under('weights.');
    tensors.delete('dec1.0.up.weight');
    const load = LatentDecoder.load(runtime, new Weights(tensors), config);
    await expect(load).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      details: { tensor: 'dec1.0.up.weight' },
    });
  });
});
