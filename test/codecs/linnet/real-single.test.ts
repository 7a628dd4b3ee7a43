import { joinSamples } from '../../../base/arrays.js';
import { decodeLnt } from '../../../codecs/lnt/decode-lnt.js';
import { largestDifference } from '../../helpers/chunks.js';
import { packLnt } from '../../../src/files/codec-files.js';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { jest } from '@jest/globals';
import { concatCodes, LatentCodec, type Codec } from '../../../codecs/index.js';
import { readSingleConfig } from '../../../codecs/linnet/single/config.js';
import { TokenQuantizer } from '../../../codecs/linnet/single/token-quantizer.js';
import { readSafetensors, Runtime, Weights } from '../../../kernels/index.js';
import { errorWithCode } from '../../helpers/errors.js';
import { GoldenFile } from '../../helpers/golden.js';
import { relativeRms } from '../../helpers/signal.js';

const MODEL = 'models/codec/single.safetensors';
const SIZES = [960, 2_000, 7_777];

describe(`the single-token codec with ${MODEL}`, () => {
  let runtime: Runtime;
  let codec: Codec;

  beforeAll(async () => {
    runtime = await Runtime.create({ device: 'cpu', threads: 2 });
    codec = await new LatentCodec(runtime, 'models').load('single');
  });

  afterAll(() => runtime.close());

  it('knows the hash of its weights and of those it shares', () => {
    const hash = createHash('sha256').update(readFileSync('models/codec/model.safetensors'));
    expect(codec.weightsHash).toBe(hash.update(readFileSync(MODEL)).digest('hex'));
  });

  it('reproduces the golden file', async () => {
    const golden = new GoldenFile('single/real');
    const config = readSingleConfig('models/codec/single.json');
    const quantizer = await TokenQuantizer.load(
      runtime,
      new Weights(await readSafetensors(MODEL)),
      config,
    );
    const tokens = await quantizer.encoder(1).encode(golden.floats('in.z'));
    expect(tokens).toEqual(golden.codes('out.tokens'));
    const z = await quantizer.decoder().decode(tokens, 1);
    expect(relativeRms(golden.floats('out.z'), z)).toBeLessThan(1e-4);
  });

  it('decodes a part of a file as the whole', async () => {
    const piece = new GoldenFile('codec/real').floats('in.audio');
    const audio = joinSamples(
      Array.from({ length: Math.ceil(150_000 / piece.length) }, () => piece),
    );
    const codes = await codec.encode(audio);
    const whole = await codec.decode(codes);
    const startSample = audio.length - 30_001;
    async function* bytes() {
      yield await Promise.resolve(packLnt(codes, codec));
    }
    const parts: Float32Array[] = [];
    for await (const part of decodeLnt(() => codec, bytes(), { startSample })) {
      parts.push(part);
    }
    const part = joinSamples(parts);
    expect(part).toHaveLength(30_001);
    expect(largestDifference(part, whole.subarray(startSample))).toBeLessThan(1e-4);
  });

  it('gives recordings of a batch the tokens that each has by itself', async () => {
    const audio = new GoldenFile('codec/real').floats('in.audio');
    const pcms = [1, 0.93, 0.9, 0.5, 0.02].map((part) => audio.slice(0, part * audio.length));
    const batch = await codec.encodeBatch(pcms);
    for (const [index, pcm] of pcms.entries()) {
      expect(batch[index]).toEqual(await codec.encode(pcm));
    }
  });

  it.each(SIZES)('streams in pushes of %i samples as the whole', async (size) => {
    const audio = new GoldenFile('codec/real').floats('in.audio');
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

describe('LatentCodec', () => {
  it('says which file is missing', async () => {
    const runtime = await Runtime.create({ device: 'cpu', threads: 1 });
    const open = () => new LatentCodec(runtime, 'models/none');
    expect(open).toThrow(errorWithCode('FILE_NOT_FOUND'));
    await runtime.close();
  });

  it('has one decoder for both tokenizers, which outlives either', async () => {
    const runtime = await Runtime.create({ device: 'cpu', threads: 1 });
    const latents = new LatentCodec(runtime, 'models');
    const [rvq, single] = [await latents.load('rvq'), await latents.load('single')];
    const load = jest.spyOn(runtime, 'load');
    const audio = new Float32Array(4800);
    const [codes, tokens] = [await rvq.encode(audio), await single.encode(audio)];
    await rvq.decode(codes);
    await rvq.close();
    expect(await single.decode(tokens)).toHaveLength(audio.length);
    expect(load.mock.calls.map(([name]) => name)).toEqual(['codec-encoder', 'codec-decoder']);
    await runtime.close();
  });
});
