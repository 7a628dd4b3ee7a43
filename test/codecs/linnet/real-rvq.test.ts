import { joinSamples } from '../../../base/arrays.js';
import { decodeLnt } from '../../../codecs/lnt/decode-lnt.js';
import { largestDifference } from '../../helpers/chunks.js';
import { packLnt } from '../../../src/files/codec-files.js';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  concatCodes,
  keepLevels,
  LatentCodec,
  type Codec,
  type Codes,
} from '../../../codecs/index.js';
import {
  float32,
  GraphBuilder,
  Runtime,
  stft,
  streamStates,
  type GraphSession,
} from '../../../kernels/index.js';
import { GoldenFile } from '../../helpers/golden.js';
import { relativeRms } from '../../helpers/signal.js';

const TOLERANCE = 1e-4; // float32 networks, added up in another order than PyTorch's
const STREAM_TOLERANCE = 1e-4; // of samples in [-1, 1]
const FFT_SIZE = 480;
const WORST_DISTANCE = 4.5; // dB; the weights of the first training had 2.8 to 3.7 on these clips
const SAMPLES = ['slt', 'callie', 'adult-man', 'adult-woman'];

/** One second of a 16-bit WAV file of samples/, from 0.5 s on. */
function readSample(name: string): Float32Array {
  const bytes = readFileSync(`samples/${name}.wav`);
  const start = 44 + 2 * 12_000;
  return Float32Array.from({ length: 24_000 }, (_, i) => bytes.readInt16LE(start + 2 * i) / 32_768);
}

/** Mean difference in dB of the energies in bands of 250 Hz, where the original has any. */
async function bandDistance(
  analysis: GraphSession,
  original: Float32Array,
  decoded: Float32Array,
): Promise<number> {
  const [a, b] = [await bandsOf(analysis, original), await bandsOf(analysis, decoded)];
  const floor = Math.max(...a) - 50;
  const audible = a.flatMap((level, index) => {
    return level > floor ? [Math.abs(level - Math.max(b[index]!, floor))] : [];
  });
  return audible.reduce((sum, difference) => sum + difference, 0) / audible.length;
}

async function bandsOf(analysis: GraphSession, samples: Float32Array): Promise<number[]> {
  const state = analysis.newState();
  const feeds = { samples: float32([1, samples.length], samples) };
  const spectrum = (await analysis.runWithState(feeds, state))['spectrum']!.data as Float32Array;
  const bins = FFT_SIZE / 2 + 1;
  const levels: number[] = [];
  for (let start = 0; start < spectrum.length; start += 2 * bins) {
    for (let band = 0; band < 32; band++) {
      let energy = 1e-12;
      for (let bin = start + band * 5; bin < start + band * 5 + 5; bin++) {
        energy += spectrum[bin]! ** 2 + spectrum[bin + bins]! ** 2;
      }
      levels.push(10 * Math.log10(energy));
    }
  }
  return levels;
}

function analysisGraph(): Uint8Array {
  const graph = new GraphBuilder('analysis');
  const samples = graph.input('samples', 'float32', ['B', 'N']);
  graph.output('spectrum', stft(graph, samples, { fftSize: FFT_SIZE, hop: FFT_SIZE / 2 }));
  return graph.build();
}

describe('the codec with its real weights', () => {
  let runtime: Runtime;
  let codec: Codec;
  let analysis: GraphSession;

  beforeAll(async () => {
    runtime = await Runtime.create({ device: 'cpu', threads: 2 });
    codec = await new LatentCodec(runtime, 'models').load('rvq');
    analysis = await runtime.load('analysis', analysisGraph(), { stateNames: streamStates(1) });
  });

  afterAll(() => runtime.close());

  it('knows the hash of its weights', () => {
    const weights = readFileSync('models/codec/model.safetensors');
    expect(codec.weightsHash).toBe(createHash('sha256').update(weights).digest('hex'));
  });

  it('reproduces the golden file', async () => {
    const golden = new GoldenFile('codec/real');
    const codes = await codec.encode(golden.floats('in.audio'));
    expect(codes.data).toEqual(golden.codes('out.codes'));
    for (const levels of [2, 8]) {
      const prefix = await codec.encode(golden.floats('in.audio'), { numCodebooks: levels });
      const samples = await codec.decode(prefix);
      expect(relativeRms(golden.floats(`out.audio.${levels}`), samples)).toBeLessThan(TOLERANCE);
    }
  });

  it('decodes a part of a file as the whole', async () => {
    const piece = readSample('callie');
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
    const audio = readSample('callie');
    const pcms = [1, 0.93, 0.9, 0.5, 0.02].map((part) => audio.slice(0, part * audio.length));
    const batch = await codec.encodeBatch(pcms);
    for (const [index, pcm] of pcms.entries()) {
      expect(batch[index]).toEqual(await codec.encode(pcm));
    }
  });

  it.each([480, 2_000, 7_777])('streams in pushes of %i samples as the whole', async (size) => {
    const audio = readSample('callie');
    const encoder = codec.encoder();
    const decoder = codec.decoder();
    const chunks: Codes[] = [];
    const samples: number[] = [];
    for (let start = 0; start < audio.length + size; start += size) {
      const isLast = start >= audio.length;
      const chunk = isLast
        ? await encoder.flush()
        : await encoder.push(audio.subarray(start, start + size));
      chunks.push(chunk);
      samples.push(...(await decoder.push(chunk)));
    }
    const codes = await codec.encode(audio);
    expect(concatCodes(chunks)).toEqual(codes);
    const whole = await codec.decode(codes);
    expect(samples).toHaveLength(whole.length);
    const worst = whole.reduce((max, x, index) => Math.max(max, Math.abs(x - samples[index]!)), 0);
    expect(worst).toBeLessThan(STREAM_TOLERANCE);
  });

  it.each(SAMPLES)('keeps the spectrum of %s, and more of it with more levels', async (name) => {
    const audio = readSample(name);
    const codes = await codec.encode(audio);
    const all = await bandDistance(analysis, audio, await codec.decode(codes));
    const first = await codec.decode(keepLevels(codes, 1));
    const one = await bandDistance(analysis, audio, first);
    expect(all).toBeLessThan(one);
    expect(all).toBeLessThan(WORST_DISTANCE);
  });
});
