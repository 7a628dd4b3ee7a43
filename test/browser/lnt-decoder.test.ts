import { readFileSync } from 'node:fs';
import { LntDecoder, type LntPlayOptions, type OnnxRuntime } from '../../browser/index.js';
import { LatentCodec, type Codec } from '../../codecs/index.js';
import { exportDecoder } from '../../codecs/linnet/export-decoder.js';
import { Runtime } from '../../kernels/index.js';
import { InferenceSession, Tensor } from '../../kernels/runtime/onnxruntime.js';
import { readWav } from '../../src/audio/wav-reader.js';
import { codeTablesOf, readCodeTables } from '../../src/files/code-tables.js';
import { packLnt } from '../../src/files/codec-files.js';
import { makeDecoder } from '../../src/files/decoder-files.js';
import { largestDifference } from '../helpers/chunks.js';
import { rms } from '../helpers/tones.js';

// the same interface as that of onnxruntime-web, whose own runs are tested in Chromium
const ORT = { InferenceSession, Tensor } as unknown as OnnxRuntime;
const RUNNING = { ort: ORT, executionProviders: ['cpu'] };
/** Compiles as long as the module of onnxruntime-web is what the decoder takes. */
export const accept = (ort: typeof import('onnxruntime-web')): OnnxRuntime => ort;

const TOLERANCE = 1e-4;
const BLOCK = 24_000;
const NUM_SAMPLES = 4.5 * BLOCK;

describe('LntDecoder', () => {
  let runtime: Runtime;
  let decoder: LntDecoder;
  let file: Uint8Array;
  let coded: Uint8Array;
  let whole: Float32Array;

  beforeAll(async () => {
    runtime = await Runtime.create({ device: 'cpu', threads: 2 });
    const codec: Codec = await new LatentCodec(runtime, 'models').load('rvq');
    const { samples } = readWav(readFileSync('samples/callie.wav'));
    const codes = await codec.encode(samples.subarray(0, NUM_SAMPLES), { numCodebooks: 4 });
    file = packLnt(codes, codec, { tags: { voice: 'callie' } });
    coded = packLnt(codes, codec, { tables: codeTablesOf('rvq') });
    whole = await codec.decode(codes);
    decoder = await LntDecoder.create(await makeDecoder('rvq', 'float32'), RUNNING);
  }, 60_000);

  afterAll(async () => {
    await decoder.close();
    await runtime.close();
  });

  async function* inPieces(bytes: Uint8Array, length: number) {
    for (let start = 0; start < bytes.length; start += length) {
      yield await Promise.resolve(bytes.slice(start, start + length));
    }
  }

  async function decode(bytes: Uint8Array, options?: LntPlayOptions): Promise<Float32Array> {
    const pieces: number[] = [];
    for await (const samples of decoder.decode(inPieces(bytes, 100), options)) {
      pieces.push(...samples);
    }
    return Float32Array.from(pieces);
  }

  /** Changes a byte of the codes of the third block. */
  function damage(): Uint8Array {
    const bytes = file.slice();
    bytes[Math.floor(bytes.length / 2)]! ^= 1;
    return bytes;
  }

  it('gives the samples of the codec', async () => {
    let tags: unknown;
    const samples = await decode(file, { onHeader: (header) => (tags = header.tags) });
    expect(samples).toHaveLength(NUM_SAMPLES);
    expect(largestDifference(samples, whole)).toBeLessThan(TOLERANCE);
    expect(tags).toEqual({ voice: 'callie' });
    expect(decoder).toMatchObject({ name: 'linnet-24k-rvq', sampleRate: 24_000, frameSize: 480 });
  });

  it('gives them while the bytes come, from a stream of the web', async () => {
    let isHeard: (() => void) | undefined;
    const heard = new Promise<void>((resolve) => (isHeard = resolve));
    const half = file.length / 2;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(file.slice(0, half));
      },
      pull: async (controller) => {
        // the rest comes only when something of the first half is heard
        await heard;
        controller.enqueue(file.slice(half));
        controller.close();
      },
    });
    let numSamples = 0;
    for await (const samples of decoder.decode(stream)) {
      numSamples += samples.length;
      isHeard!();
    }
    expect(numSamples).toBe(NUM_SAMPLES);
  });

  it('gives the same samples of an entropy-coded file', async () => {
    expect(coded.length).toBeLessThan(0.95 * file.length);
    expect(await decode(coded)).toEqual(await decode(file));
  });

  it('serves several files at once', async () => {
    const both = await Promise.all([decode(file), decode(file)]);
    for (const samples of both) {
      expect(largestDifference(samples, whole)).toBeLessThan(TOLERANCE);
    }
  });

  it('is silent where the file is damaged, and says so', async () => {
    const warnings: string[] = [];
    const samples = await decode(damage(), { onWarning: (warning) => warnings.push(warning) });
    expect(samples).toHaveLength(NUM_SAMPLES);
    expect(warnings).toEqual([expect.stringContaining('1 blocks from block 2 on are lost')]);
    expect(rms(samples.subarray(2 * BLOCK, 3 * BLOCK))).toBe(0);
    expect(largestDifference(samples.subarray(0, BLOCK), whole.subarray(0, BLOCK))).toBeLessThan(
      TOLERANCE,
    );
    expect(rms(samples.subarray(3 * BLOCK))).toBeGreaterThan(0.01);
  });

  it('fails on damage if it is strict', async () => {
    await expect(decode(damage(), { strict: true })).rejects.toMatchObject({
      code: 'BITSTREAM_INVALID',
    });
    await expect(decode(file.subarray(0, -8), { strict: true })).rejects.toMatchObject({
      code: 'BITSTREAM_TRUNCATED',
    });
  });

  it('refuses the tokens of other weights, unless it is forced', async () => {
    const { model, description } = await exportDecoder('models', 'rvq', 'int8');
    const other = await LntDecoder.create(
      { model, description: { ...description, weightsHash: '0'.repeat(64) } },
      RUNNING,
    );
    const run = async (force: boolean) => {
      let numSamples = 0;
      for await (const samples of other.decode(inPieces(file, 1_000), { force })) {
        numSamples += samples.length;
      }
      return numSamples;
    };
    await expect(run(false)).rejects.toMatchObject({ code: 'WEIGHTS_DIFFER' });
    expect(await run(true)).toBe(NUM_SAMPLES);
    await other.close();
    await expect(run(true)).rejects.toMatchObject({ code: 'STATE_INVALID' });
  });

  it('refuses entropy-coded files without their tables, and damaged tables', async () => {
    const { tables, ...files } = await makeDecoder('rvq', 'int8');
    const without = await LntDecoder.create(files, RUNNING);
    await expect(without.decode(inPieces(coded, 1_000)).next()).rejects.toMatchObject({
      code: 'WEIGHTS_DIFFER',
      message: expect.stringContaining('tables: true') as string,
      details: { tablesCrc: codeTablesOf('rvq').crc },
    });
    const tablesOfSingle = { ...files, tables: readCodeTables('single') };
    const other = await LntDecoder.create(tablesOfSingle, RUNNING);
    await expect(other.decode(inPieces(coded, 1_000)).next()).rejects.toMatchObject({
      code: 'WEIGHTS_DIFFER',
    });
    // what is not entropy-coded needs none
    for (const each of [without, other]) {
      expect((await each.decode(inPieces(file, 1_000)).next()).done).toBe(false);
      await each.close();
    }
    await expect(
      LntDecoder.create({ ...files, tables: tables.subarray(0, -1) }, RUNNING),
    ).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  }, 60_000);

  it('ends with its signal, also while no bytes come, and lets the stream go', async () => {
    let isCancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(file.slice(0, file.length / 2));
      },
      cancel: () => {
        isCancelled = true;
      },
    });
    const stop = new AbortController();
    const samples = decoder.decode(stream, { signal: stop.signal });
    expect((await samples.next()).done).toBe(false);
    const rest = (async () => {
      while ((await samples.next()).done !== true);
    })();
    setImmediate(() => {
      stop.abort();
    });
    await expect(rest).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(isCancelled).toBe(true);
  });

  it('lets the stream go when its caller leaves', async () => {
    let isCancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(file);
      },
      cancel: () => {
        isCancelled = true;
      },
    });
    for await (const samples of decoder.decode(stream)) {
      expect(samples.length).toBeGreaterThan(0);
      break;
    }
    expect(isCancelled).toBe(true);
  });

  it('says what it cannot load', async () => {
    const { description } = await exportDecoder('models', 'rvq', 'int8');
    const files = { model: new Uint8Array(100), description };
    await expect(LntDecoder.create(files, RUNNING)).rejects.toMatchObject({
      code: 'GRAPH_INVALID',
    });
  });
});
