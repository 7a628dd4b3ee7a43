import { readFileSync } from 'node:fs';
import type { CodecKind } from '../../../codecs/contract.js';
import type { ExportedDecoder, ExportedWeights } from '../../../codecs/exported-decoder.js';
import { keepLevels, LatentCodec, type Codec, type Codes } from '../../../codecs/index.js';
import { exportDecoder } from '../../../codecs/linnet/export-decoder.js';
import { Runtime, type GraphSession, type StateBlock } from '../../../kernels/index.js';
import { readWav } from '../../../src/audio/wav-reader.js';
import { relativeRms } from '../../helpers/signal.js';

const TOLERANCE = 1e-4; // of samples in [-1, 1]: the same networks in one graph
const ROUNDED_TOLERANCE = 0.15; // relative; 7 bits of each weight, and 8 of what it is multiplied with

describe.each<[CodecKind, number]>([
  ['rvq', 8],
  ['rvq', 3],
  ['single', 1],
])('the exported decoder of %s with %i levels', (kind, numCodebooks) => {
  let runtime: Runtime;
  let codec: Codec;
  let codes: Codes;
  let whole: Float32Array;

  beforeAll(async () => {
    runtime = await Runtime.create({ device: 'cpu', threads: 2 });
    codec = await new LatentCodec(runtime, 'models').load(kind);
    const { samples } = readWav(readFileSync('samples/callie.wav'));
    codes = keepLevels(await codec.encode(samples.subarray(0, 36_000)), numCodebooks);
    whole = await codec.decode(codes);
  });

  afterAll(() => runtime.close());

  async function load(
    weights: ExportedWeights,
  ): Promise<{ session: GraphSession; description: ExportedDecoder }> {
    const { model, description } = await exportDecoder('models', kind, weights);
    const stateNames = Object.fromEntries(
      description.states.map(({ input, output }) => [input, output]),
    );
    return { session: await runtime.load('exported', model, { stateNames }), description };
  }

  /** Runs a stream in pieces; `samples` are those of the audio. */
  async function decode(
    session: GraphSession,
    { overlap }: ExportedDecoder,
    numFrames: number,
  ): Promise<Float32Array> {
    const state = session.newState();
    const pieces: number[] = [];
    for (let frame = 0; frame < codes.numFrames; frame += numFrames) {
      const end = Math.min(frame + numFrames, codes.numFrames);
      pieces.push(...(await run(session, state, frame, end)));
    }
    return Float32Array.from(pieces.slice(overlap, overlap + codes.numSamples));
  }

  async function run(
    session: GraphSession,
    state: StateBlock,
    start: number,
    end: number,
  ): Promise<Float32Array> {
    const data = Int32Array.from(codes.data.subarray(start * numCodebooks, end * numCodebooks));
    const shape = [1, end - start, numCodebooks];
    const outputs = await session.runWithState({ codes: { dtype: 'int32', shape, data } }, state);
    expect(outputs['samples']!.shape).toEqual([1, (end - start) * codec.frameSize]);
    return outputs['samples']!.data as Float32Array;
  }

  it('gives the samples of the codec, also in pieces', async () => {
    const { session, description } = await load('float32');
    for (const numFrames of [codes.numFrames, 7]) {
      const samples = await decode(session, description, numFrames);
      expect(samples).toHaveLength(whole.length);
      const worst = whole.reduce((max, x, i) => Math.max(max, Math.abs(x - samples[i]!)), 0);
      expect(worst).toBeLessThan(TOLERANCE);
    }
  });

  it('gives nearly the same with weights of 8 bits, in pieces as in one', async () => {
    const { session, description } = await load('int8');
    const samples = await decode(session, description, codes.numFrames);
    const difference = relativeRms(whole, samples);
    expect(difference).toBeLessThan(ROUNDED_TOLERANCE);
    expect(difference).toBeGreaterThan(TOLERANCE);
    expect(relativeRms(samples, await decode(session, description, 7))).toBeLessThan(TOLERANCE);
  });

  it('is described', async () => {
    const { description, model } = await exportDecoder('models', kind, 'int8');
    const { name, weightsHash, sampleRate, frameSize, cardinality } = codec;
    expect(description).toMatchObject({
      version: 1,
      weights: 'int8',
      kind,
      name,
      weightsHash,
      sampleRate,
      frameSize,
      cardinality,
      numCodebooks: codec.numCodebooks,
      overlap: 1_680,
    });
    expect(description.states[0]!.input).toBe('state_0');
    expect(description.states.at(-1)!.shape).toEqual([1, 3, 960]);
    expect(model.length).toBeLessThan(40e6);
  });
});
