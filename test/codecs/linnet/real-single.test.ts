import { concatCodes, loadCodec, type Codec } from '../../../codecs/index.js';
import { readSingleConfig } from '../../../codecs/linnet/single/config.js';
import { TokenQuantizer } from '../../../codecs/linnet/single/token-quantizer.js';
import { readSafetensors, Runtime, Weights } from '../../../kernels/index.js';
import { relativeRms } from '../../helpers/signal.js';
import { Golden } from './golden.js';

const MODEL = 'models/codec/single.safetensors';
const SIZES = [960, 2_000, 7_777];

describe(`the single-token codec with ${MODEL}`, () => {
  let runtime: Runtime;
  let codec: Codec;

  beforeAll(async () => {
    runtime = await Runtime.create({ device: 'cpu', threads: 2 });
    codec = await loadCodec(runtime, 'single', 'models');
  });

  afterAll(() => runtime.close());

  it('reproduces the golden file', async () => {
    const golden = new Golden('single/real');
    const config = await readSingleConfig('models/codec/single.json');
    const quantizer = await TokenQuantizer.load(
      runtime,
      new Weights(await readSafetensors(MODEL)),
      config,
    );
    const tokens = await quantizer.encode(golden.floats('in.z'), quantizer.encoderState());
    expect(tokens).toEqual(golden.codes('out.tokens'));
    const z = await quantizer.decode(tokens, quantizer.decoderState());
    expect(relativeRms(golden.floats('out.z'), z)).toBeLessThan(1e-4);
  });

  it.each(SIZES)('streams in pushes of %i samples as the whole', async (size) => {
    const audio = new Golden('codec/real').floats('in.audio');
    const stream = codec.encoder();
    const chunks = [];
    for (let start = 0; start < audio.length; start += size) {
      chunks.push(await stream.push(audio.subarray(start, start + size)));
    }
    chunks.push(await stream.flush());
    await stream.close();
    const whole = await codec.encode(audio);
    expect(concatCodes(chunks)).toEqual(whole);
    expect(await codec.decode(whole)).toHaveLength(audio.length);
  });
});

describe('loadCodec', () => {
  it.each(['rvq', 'single'] as const)('says which file of %s is missing', async (kind) => {
    const runtime = await Runtime.create({ device: 'cpu', threads: 1 });
    const load = loadCodec(runtime, kind, 'models/none');
    await expect(load).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await runtime.close();
  });
});
