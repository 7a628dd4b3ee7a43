import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Engine,
  keepLevels,
  readAudioFile,
  readDictionary,
  readDocument,
  readLnt,
  readLntFile,
  SpeechError,
  writeAudioFile,
  writeLnt,
  writeLntFile,
  type Codec,
  type CodecProperties,
  type MarkupFormat,
  type SpeechChunk,
} from '../../index.js';
import { join as joinSamples } from '../helpers/chunks.js';
import { errorWithCode } from '../helpers/errors.js';
import { createSampleCodec } from '../helpers/sample-codec.js';
import { noise } from '../helpers/signal.js';
import { writeTinyModels } from '../helpers/tiny-models.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'linnet-library-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe('writeAudioFile and readAudioFile', () => {
  const samples = noise(2400, 1);
  const halves = [samples.subarray(0, 1000), samples.subarray(1000)];
  const chunks: SpeechChunk[] = halves.map((half) => ({ samples: half, words: [], marks: [] }));
  async function* arriving() {
    yield await Promise.resolve(chunks[0]!);
    yield halves[1]!;
  }

  it.each([
    ['all samples', samples],
    ['pieces of samples', halves],
    ['chunks of speech', chunks],
    ['pieces that arrive', arriving()],
  ])('keep %s', async (_, audio) => {
    const path = join(folder, 'kept.wav');
    const info = await writeAudioFile(path, audio);
    expect(info).toEqual({ numSamples: 2400, durationSeconds: 0.1, numBytes: 44 + 4800 });
    const read = await readAudioFile(path);
    expect(read).toHaveLength(2400);
    expect(
      Math.max(...read.map((sample, index) => Math.abs(sample - samples[index]!))),
    ).toBeLessThan(1 / 32_000);
  });

  it('take the format from the option before the name', async () => {
    const path = join(folder, 'telephone.wav');
    const { numBytes } = await writeAudioFile(path, samples, { format: 'mulaw' });
    expect(numBytes).toBe(800);
  });

  it('refuse what they cannot do and leave nothing behind', async () => {
    const before = await readdir(folder);
    const unknown = writeAudioFile(join(folder, 'a.xyz'), samples);
    await expect(unknown).rejects.toThrow(errorWithCode('FORMAT_UNKNOWN'));
    const empty = writeAudioFile(join(folder, 'a.wav'), []);
    await expect(empty).rejects.toThrow(errorWithCode('AUDIO_EMPTY'));
    const signal = AbortSignal.abort();
    const cancelled = writeAudioFile(join(folder, 'b.wav'), samples, { signal });
    await expect(cancelled).rejects.toThrow(errorWithCode('CANCELLED'));
    const missing = readAudioFile(join(folder, 'none.wav'));
    await expect(missing).rejects.toThrow(errorWithCode('FILE_NOT_FOUND'));
    expect(await readdir(folder)).toEqual(before);
  });
});

describe('token files', () => {
  const codec = createSampleCodec('single');
  const samples = noise(100, 2);

  it('hold what was encoded, as bytes and as files', async () => {
    const codes = await codec.encode(samples, { numCodebooks: 3 });
    const bytes = writeLnt(codes, codec);
    // the header with three levels and a name of seven letters; one block, 13 frames of three codes of ten bits; the end
    expect(bytes).toHaveLength(68 + 3 * 8 + 7 - 1 + 20 + 49 + 34);
    const { name, weightsHash } = codec;
    const tokens = {
      ...codes,
      kind: 'single',
      name,
      weightsHash,
      sampleRate: 24_000,
      frameRate: 3000,
      tags: {},
    };
    expect(readLnt(bytes)).toEqual(tokens);
    const path = join(folder, 'tokens.lnt');
    expect(await writeLntFile(path, codes, codec)).toEqual({ numBytes: bytes.length });
    expect(new Uint8Array(await readFile(path))).toEqual(new Uint8Array(bytes));
    const read = await readLntFile(path, { codec });
    expect(await codec.decode(read)).toEqual(await codec.decode(codes));
    const tags = { synthetic: true, voice: 'nobody' };
    await writeLntFile(path, codes, codec, { tags });
    expect((await readLntFile(path)).tags).toEqual(tags);
  });

  it('say what is wrong with them', async () => {
    const codes = await codec.encode(samples);
    expect(() => writeLnt({ ...codes, numFrames: 1 }, codec)).toThrow(
      errorWithCode('INPUT_SHAPE_MISMATCH'),
    );
    const bytes = writeLnt(keepLevels(codes, 1), codec);
    expect(() => readLnt(bytes.subarray(0, 40))).toThrow(errorWithCode('BITSTREAM_TRUNCATED'));
    const tags = { long: 'x'.repeat(65_536) };
    expect(() => writeLnt(codes, codec, { tags })).toThrow(errorWithCode('OPTION_INVALID'));
    const other = withOtherWeights(codec);
    expect(() => readLnt(bytes, { codec: other })).toThrow(errorWithCode('WEIGHTS_DIFFER'));
    expect(readLnt(bytes, { codec: other, force: true }).numCodebooks).toBe(1);
    const missing = readLntFile(join(folder, 'none.lnt'));
    await expect(missing).rejects.toThrow(errorWithCode('FILE_NOT_FOUND'));
  });
});

function withOtherWeights({ kind, name, sampleRate, frameSize, ...codec }: Codec): CodecProperties {
  const { channels, frameRate, numCodebooks, cardinality } = codec;
  const sizes = { sampleRate, channels, frameSize, frameRate, numCodebooks, cardinality };
  return { kind, name, ...sizes, weightsHash: 'ab'.repeat(32) };
}

describe('documents and dictionaries', () => {
  let models: string;
  let engine: Engine;
  beforeAll(async () => {
    models = await writeTinyModels();
    engine = await Engine.load({ device: 'cpu', threads: 1, model: models });
  }, 60_000);
  afterAll(async () => {
    await engine.close();
    await rm(models, { recursive: true });
  });

  async function speak(...input: Parameters<Engine['speak']>): Promise<SpeechChunk> {
    const chunks: SpeechChunk[] = [];
    for await (const chunk of engine.speak(...input)) {
      chunks.push(chunk);
    }
    const samples = joinSamples(chunks.map((chunk) => chunk.samples));
    return { samples, words: chunks.flatMap(({ words }) => words), marks: [] };
  }

  it('are spoken as their segments, each in its voice, with the pauses between', async () => {
    const ssml = '<speak>One two.<break time="1s"/><voice name="SECOND">Three.</voice></speak>';
    const document = await readDocument(ssml, 'ssml', engine);
    expect(document.segments.map(({ voice }) => voice)).toEqual([undefined, 'second']);
    const whole = await speak(document);
    const first = await speak('One two.');
    const second = await speak('Three.', { voice: 'second' });
    const pause = new Float32Array(24_000);
    expect(whole.samples).toEqual(joinSamples([first.samples, pause, second.samples]));
    expect(whole.words.map(({ word }) => word)).toEqual(['One', 'two.', 'Three.']);
    expect(await speak({ segments: document.segments })).toEqual(whole);
  }, 60_000);

  it('refuse what they do not know', async () => {
    const format = 'rtf' as MarkupFormat;
    await expect(readDocument('a', format, engine)).rejects.toThrow(
      errorWithCode('OPTION_INVALID'),
    );
    await expect(readDocument('<speak>', 'ssml', engine)).rejects.toThrow(
      errorWithCode('MARKUP_INVALID'),
    );
    await expect(speak(null as never)).rejects.toThrow(errorWithCode('OPTION_INVALID'));
    await expect(speak({ segments: [] })).rejects.toThrow(errorWithCode('TEXT_EMPTY'));
    await expect(readDictionary(join(folder, 'none.tsv'))).rejects.toThrow(SpeechError);
  });

  it('make a word sound as another', async () => {
    const path = join(folder, 'words.tsv');
    await writeFile(path, 'colour\tseven\n');
    const spoken = await speak('colour', { dictionary: await readDictionary(path) });
    expect(spoken.samples).toEqual((await speak('seven')).samples);
    expect(spoken.words[0]!.word).toBe('colour');
  }, 60_000);
});
