import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { findPackageRoot } from '../../base/package-root.js';
import { readWav } from '../../src/audio/wav-reader.js';
import { installPackedPackage, type PackedPackage } from '../helpers/packed-package.js';

const run = promisify(execFile);

/** Everything that is exported, as a user without Node's types may write it. */
const SAMPLE = `
import {
  concatCodes, decodeStream, Dictionary, encodeStream, Engine, keepLevels, readAudioFile, readDictionary, readDocument, readLnt,
  readLntFile, SpeechError, writeAudioFile, writeLnt, writeLntFile,
  type AudioFileInfo, type AudioFormatName, type AudioSource, type Codec, type CodecKind,
  type CodecProperties, type Codes, type DecoderStream, type EncodeOptions, type EncoderStream,
  type EngineOptions, type ErrorCode, type ErrorDetails, type LntDecodeOptions, type LntEncodeOptions, type LntFileOptions, type LntReadOptions, type LntTags,
  type LntTokens, type MarkupFormat,
  type ParsedDocument, type SpeakOptions, type SpeechChunk, type SpeechInput, type SpeechSegment, type StreamPair,
  type UserDictionary, type VoiceInfo, type WordTime,
} from 'linnet';
import {
  fetchDecoder, LntDecoder, SpeechError as BrowserError,
  type ByteStream, type DecoderFiles, type ExportedDecoder, type ExportedState, type ExportedWeights,
  type FetchOptions, type LntDecoderOptions, type LntHeader, type LntLoadOptions, type LntPlayOptions,
  type OnnxRuntime, type OrtSession, type OrtSessionOptions, type OrtTensor,
} from 'linnet/browser';

declare const ort: OnnxRuntime;
const running: LntDecoderOptions = { ort, executionProviders: ['wasm'] };
const fetching: FetchOptions = { headers: { Authorization: 'Bearer key' } };
const loading: LntLoadOptions = { ...running, ...fetching, tables: true, url: '/v1/audio/decoder/rvq' };
const files: DecoderFiles = await fetchDecoder(loading.url, fetching);
const tables: Uint8Array | undefined = files.tables;
const described: ExportedDecoder = files.description;
const state: ExportedState = described.states[0]!;
const weights: ExportedWeights = described.weights;
const sessionOptions: OrtSessionOptions = { executionProviders: ['wasm'], graphOptimizationLevel: 'all' };
const session: OrtSession = await ort.InferenceSession.create(files.model, sessionOptions);
const tensor: OrtTensor = new ort.Tensor('int32', new Int32Array(1), [1]);
const player: LntDecoder = await LntDecoder.load(loading);
const playing: LntPlayOptions = { force: true, onHeader: (header: LntHeader) => void header.tags };
const body: ByteStream = (await fetch('a.lnt')).body!;
for await (const samples of player.decode(body, playing)) {
  const amount: number = samples.length;
  void [amount, state, weights, tables, session, tensor, BrowserError];
}

const settings: EngineOptions = { device: 'cpu', threads: 1, warmUp: false };
const engine: Engine = await Engine.load(settings);
const voice: VoiceInfo = engine.voices[0]!;
const words: UserDictionary = { SQL: 'sequel' };
const options: SpeakOptions = {
  voice: voice.id, seed: 1, dictionary: [words, Dictionary.fromRecord(words), await readDictionary('w')],
};
const format: MarkupFormat = 'ssml';
const document: ParsedDocument = await readDocument('<speak>a</speak>', format, engine);
const segment: SpeechSegment = { text: 'a', pauseSeconds: 1 };
async function* pieces() { yield 'a '; yield 'b'; }
const inputs: SpeechInput[] = ['a', pieces(), document, { segments: [segment] }];
for (const input of inputs) {
  for await (const chunk of engine.speak(input, options)) {
    const { samples, words: times }: SpeechChunk = chunk;
    const time: WordTime | undefined = times[0];
    const sum: number = samples.length + (time?.endSeconds ?? 0);
    void sum;
  }
}
const kind: CodecKind = 'rvq';
const codec: Codec = await engine.loadCodec(kind);
const properties: CodecProperties = codec;
const levels: EncodeOptions = { numCodebooks: 4 };
const encoder: EncoderStream = codec.encoder(levels);
const decoder: DecoderStream = codec.decoder();
const source: AudioSource = await readAudioFile('a.wav');
const codes: Codes = keepLevels(concatCodes([await encoder.push(await readAudioFile('a'))]), 2);
const tokens: LntTokens = readLnt(writeLnt(codes, properties));
const tags: LntTags = { synthetic: true };
const writing: LntFileOptions = { tags };
const reading: LntReadOptions = { codec, force: false };
await writeLntFile('a.lnt', tokens, codec, writing);
await decoder.push(await readLntFile('a.lnt', reading));
const name: AudioFormatName = 'mp3';
const info: AudioFileInfo = await writeAudioFile('a.mp3', source, { format: name });
const encoding: LntEncodeOptions = { numCodebooks: 2 };
const decoding: LntDecodeOptions = { strict: true };
const pair: StreamPair<Uint8Array, Float32Array> = decodeStream((kind) => engine.loadCodec(kind), decoding);
const decoded = new ReadableStream<Float32Array>().pipeThrough(encodeStream(codec, encoding)).pipeThrough(pair);
void decoded;
try {
  await engine.close();
} catch (error) {
  if (error instanceof SpeechError) {
    const code: ErrorCode = error.code;
    const details: ErrorDetails = error.details;
    void [code, details, info];
  }
}
// @ts-expect-error: the types are not any
engine.speak(1);
`;

/** What the import changes in the process, as one line of JSON. */
const IMPORT = `
const state = () => ({
  globals: Reflect.ownKeys(globalThis).map(String),
  listeners: process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
  resources: process.getActiveResourcesInfo(),
  environment: { ...process.env },
  folder: process.cwd(),
});
const addons = () => process.report.getReport().sharedObjects.filter((path) => /\\.node$|onnx/.test(path));
state();
const before = state();
const { Engine, ...linnet } = await import('linnet');
const after = state();
const idle = addons();
let loaded;
if (process.argv[2] === 'load') {
  const engine = await Engine.load({ device: 'cpu', threads: 1 });
  loaded = addons().length;
  await linnet.writeAudioFile('hello.wav', engine.speak('Hello there.'));
  await engine.close();
}
console.log(JSON.stringify({ before, after, idle, loaded, names: Object.keys(linnet) }));
`;

type Imported = {
  before: unknown;
  after: unknown;
  idle: string[];
  loaded?: number;
  names: string[];
};

describe('the package as npm packs it', () => {
  let installed: PackedPackage;
  beforeAll(async () => {
    installed = await installPackedPackage();
    await writeFile(join(installed.folder, 'import.js'), IMPORT);
  }, 120_000);
  afterAll(async () => {
    await rm(installed.folder, { recursive: true });
  });

  async function runImport(args: string[] = []): Promise<Imported> {
    const { folder } = installed;
    const { stdout } = await run(process.execPath, ['import.js', ...args], { cwd: folder });
    return JSON.parse(stdout) as Imported;
  }

  it('holds the program, its types, models, data and documentation, and nothing else', () => {
    const { paths } = installed;
    for (const path of [
      'dist/index.js',
      'dist/index.d.ts',
      'dist/browser/index.js',
      'dist/browser/index.d.ts',
      'dist/engine/worker/worker.js',
      'dist/src/cli/main.js',
      'models/voices.json',
      'models/codec/single.safetensors',
      'models/codec/rvq.tables',
      'models/codec/single.tables',
      'examples/browser/serve.js',
      'src/server/page/index.html',
      'src/server/page/main.js',
      'tts/text/data/ipa.tsv',
      'docs/library.md',
      'README.md',
      'LICENSE',
    ]) {
      expect(paths).toContain(path);
    }
    const folders =
      /^(dist\/(index\.|(base|browser|kernels|codecs|tts|engine|src)\/)|models\/|docs\/)/;
    const isData = (path: string) =>
      /^(tts\/text\/data|src\/server\/page|examples\/browser)\//.test(path);
    const others = paths.filter((path) => !folders.test(path) || path.endsWith('.map'));
    expect(others.filter((path) => !isData(path)).sort()).toEqual([
      'LICENSE',
      'README.md',
      'bin/linnet.js',
      'package.json',
    ]);
  });

  it.each([
    { module: 'nodenext', moduleResolution: 'nodenext' },
    { module: 'esnext', moduleResolution: 'bundler' },
  ])(
    'has types that stand alone under $moduleResolution',
    async (compilerOptions) => {
      const { folder } = installed;
      await writeFile(join(folder, 'sample.ts'), SAMPLE);
      await writeFile(
        join(folder, 'tsconfig.json'),
        JSON.stringify({
          compilerOptions: {
            ...compilerOptions,
            target: 'es2022',
            strict: true,
            skipLibCheck: false,
            noEmit: true,
            types: [],
          },
          files: ['sample.ts'],
        }),
      );
      const tsc = join(findPackageRoot(), 'node_modules', 'typescript', 'bin', 'tsc');
      const { stdout } = await run(process.execPath, [tsc, '-p', folder]).catch(
        (error: unknown) => error as { stdout: string },
      );
      expect(stdout).toBe('');
    },
    60_000,
  );

  it('is imported without a native addon and without a trace in the process', async () => {
    const { before, after, idle, names } = await runImport();
    expect(idle).toEqual([]);
    expect(after).toEqual(before);
    expect(names.sort()).toEqual([
      'Dictionary',
      'SpeechError',
      'concatCodes',
      'decodeStream',
      'encodeStream',
      'formatWords',
      'keepLevels',
      'readAudioFile',
      'readDictionary',
      'readDocument',
      'readLnt',
      'readLntFile',
      'writeAudioFile',
      'writeLnt',
      'writeLntFile',
    ]);
  });

  it('speaks, and then the addon is there', async () => {
    const { loaded } = await runImport(['load']);
    expect(loaded).toBeGreaterThan(0);
    const path = join(installed.folder, 'hello.wav');
    const { samples, sampleRate } = readWav(await readFile(path));
    expect(samples.length / sampleRate).toBeGreaterThan(0.4);
    expect(samples.some((sample) => Math.abs(sample) > 0.05)).toBe(true);
  }, 60_000);

  it('gives browsers modules that import nothing but each other', async () => {
    const seen = new Set<string>();
    const visit = async (path: string) => {
      if (seen.has(path)) {
        return;
      }
      seen.add(path);
      const text = await readFile(path, 'utf8');
      for (const { fileName } of ts.preProcessFile(text).importedFiles) {
        expect([path, fileName]).toEqual([path, expect.stringMatching(/^\.\.?\/.*\.js$/)]);
        await visit(join(dirname(path), fileName));
      }
    };
    const module = join(installed.folder, 'node_modules', 'linnet', 'dist', 'browser', 'index.js');
    await visit(module);
    expect(seen.size).toBeGreaterThan(15);
    const uses = await Promise.all([...seen].map((path) => readFile(path, 'utf8')));
    expect(uses.filter((text) => /\b(Buffer|process|require)[.(]/.test(text))).toEqual([]);
  });

  it('serves the page that decodes, with all that it loads', async () => {
    const { folder } = installed;
    const modules = join(folder, 'node_modules');
    const web = 'onnxruntime-web';
    await symlink(join(findPackageRoot(), 'node_modules', web), join(modules, web), 'junction');
    const script = join('node_modules', 'linnet', 'examples', 'browser', 'serve.js');
    const decoder = join(modules, 'linnet', 'models', 'codec');
    const child = spawn(process.execPath, [script, decoder, '0'], { cwd: folder });
    try {
      const [line] = (await once(child.stdout, 'data')) as [Buffer];
      const url = line.toString().trim();
      const page = await (await fetch(url)).text();
      const addresses = [...page.matchAll(/(?:src=|": )"([^"]+\.m?js)"/g)].map(
        (match) => match[1]!,
      );
      expect(addresses).toHaveLength(3);
      for (const address of [...addresses, 'decoder/rvq.tables']) {
        const response = await fetch(`${url}/${address}`);
        expect([address, response.status]).toEqual([address, 200]);
        await response.body!.cancel();
      }
    } finally {
      child.kill();
      await once(child, 'close');
    }
  });

  it('opens nothing but its front door', async () => {
    const path = 'linnet/dist/engine/protocol.js';
    expect(existsSync(join(installed.folder, 'node_modules', path))).toBe(true);
    const { folder } = installed;
    const script = `await import('${path}').then(() => 'open', (error) => error.code).then(console.log)`;
    const args = ['--input-type=module', '-e', script];
    const { stdout } = await run(process.execPath, args, { cwd: folder });
    expect(stdout.trim()).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });
});
