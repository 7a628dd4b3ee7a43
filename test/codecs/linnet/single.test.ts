import { concatCodes } from '../../../codecs/codes.js';
import { readLatentCodecConfig } from '../../../codecs/linnet/config.js';
import { LatentDecoder } from '../../../codecs/linnet/latent-decoder.js';
import { LatentEncoder } from '../../../codecs/linnet/latent-encoder.js';
import { Lazy } from '../../../codecs/linnet/lazy.js';
import { readSingleConfig, type SingleConfig } from '../../../codecs/linnet/single/config.js';
import { TokenQuantizer } from '../../../codecs/linnet/single/token-quantizer.js';
import { tokenCodec } from '../../../codecs/linnet/token-codec.js';
import { StreamingCodec } from '../../../codecs/streaming/streaming-codec.js';
import { Runtime, Weights } from '../../../kernels/index.js';
import { GoldenFile } from '../../helpers/golden.js';
import { relativeRms } from '../../helpers/signal.js';

const TOLERANCE = 1e-4; // float32 networks, added up in another order than PyTorch's

describe('the single-token codec on its tiny golden file', () => {
  const golden = new GoldenFile('single/tiny');
  const spectral = new GoldenFile('codec/tiny');
  const audio = spectral.floats('in.audio');
  let runtime: Runtime;
  let config: SingleConfig;
  let quantizer: TokenQuantizer;
  let codec: StreamingCodec;

  beforeAll(async () => {
    runtime = await Runtime.create({ device: 'cpu', threads: 1 });
    config = readSingleConfig('test/golden/single/tiny.json');
    quantizer = await TokenQuantizer.load(runtime, new Weights(golden.under('weights.')), config);
    const sizes = readLatentCodecConfig('test/golden/codec/tiny.json');
    const weights = new Weights(spectral.under('weights.'));
    const parts = {
      config: sizes,
      encoder: new Lazy(() => LatentEncoder.load(runtime, weights, sizes)),
      decoder: new Lazy(() => LatentDecoder.load(runtime, weights, sizes)),
    };
    codec = new StreamingCodec(tokenCodec(parts, 'single', quantizer, 'ab'.repeat(32)));
  });

  afterAll(() => runtime.close());

  it('reproduces the tokens', async () => {
    const tokens = await quantizer.encoder(1).encode(golden.floats('in.z'));
    expect(tokens).toEqual(golden.codes('out.tokens'));
  });

  it('reproduces the latents', async () => {
    const z = await quantizer.decoder().decode(golden.codes('out.tokens'), 1);
    expect(relativeRms(golden.floats('out.z'), z)).toBeLessThan(TOLERANCE);
  });

  it('gives the latents of the whole in pieces', async () => {
    const tokens = golden.codes('out.tokens');
    const decoder = quantizer.decoder();
    const z: number[] = [];
    for (const token of tokens) {
      z.push(...(await decoder.decode(Uint16Array.of(token), 1)));
    }
    expect(relativeRms(golden.floats('out.z'), z)).toBeLessThan(TOLERANCE);
  });

  it('says what it is', () => {
    expect(codec).toMatchObject({
      name: 'linnet-24k-single',
      frameSize: 960,
      frameRate: 25,
      numCodebooks: 1,
      cardinality: 48,
    });
  });

  it.each([1, 959, 961, audio.length])('covers %i samples with whole tokens', async (length) => {
    const codes = await codec.encode(audio.subarray(0, length));
    expect(codes).toMatchObject({
      numSamples: length,
      numFrames: Math.ceil((length + 1680) / 960),
    });
    expect(await codec.decode(codes)).toHaveLength(length);
  });

  it.each([240, 960, 1001])(
    'gives the tokens of the whole in pushes of %i samples',
    async (size) => {
      const stream = codec.encoder();
      const chunks = [];
      for (let start = 0; start < audio.length; start += size) {
        chunks.push(await stream.push(audio.subarray(start, start + size)));
      }
      chunks.push(await stream.flush());
      expect(concatCodes(chunks)).toEqual(await codec.encode(audio));
    },
  );

  it('refuses tokens that it does not have', async () => {
    const codes = { data: Uint16Array.of(48), numFrames: 1, numCodebooks: 1, numSamples: 240 };
    await expect(codec.decode(codes)).rejects.toMatchObject({ code: 'CODE_OUT_OF_RANGE' });
  });
});
