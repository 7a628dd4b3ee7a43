import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { LatentCodec } from '../../codecs/index.js';
import { Runtime } from '../../kernels/index.js';
import { readWav } from '../../src/audio/wav-reader.js';
import { codeTablesOf } from '../../src/files/code-tables.js';
import { packLnt } from '../../src/files/codec-files.js';
import { makeDecoder, writeDecoderFiles } from '../../src/files/decoder-files.js';
import { readLnt as readTokens } from '../../src/library/token-files.js';
import { largestDifference } from '../helpers/chunks.js';
import { startRealServer } from '../helpers/server.js';

const CHROMIUM = process.env['LINNET_CHROMIUM'] ?? '/usr/bin/chromium';
// a machine without a browser cannot run these; CI installs one
const describeWithBrowser = existsSync(CHROMIUM) ? describe : describe.skip;

const TOLERANCE = 1e-3;
const NUM_SAMPLES = 108_000;

/** Keeps the samples that the page plays. */
const SPY = `
  globalThis.played = [];
  const copy = AudioBuffer.prototype.copyToChannel;
  AudioBuffer.prototype.copyToChannel = function (samples, channel) {
    played.push(...samples);
    copy.call(this, samples, channel);
  };
`;

describeWithBrowser('the page that decodes', () => {
  let folder: string;
  let runtime: Runtime;
  let float: LatentCodec;
  let child: ChildProcess;
  let url: string;
  let browser: Browser;
  let page: Page;
  let problems: string[];
  let whole: Float32Array;
  let speaker: Awaited<ReturnType<typeof startRealServer>>;
  let files: Record<'sound' | 'coded' | 'damaged' | 'foreign', Uint8Array>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'linnet-page-'));
    runtime = await Runtime.create({ device: 'cpu', threads: 2 });
    float = new LatentCodec(runtime, 'models');
    const codec = await float.load('rvq');
    const { samples } = readWav(readFileSync('samples/callie.wav'));
    const codes = await codec.encode(samples.subarray(0, NUM_SAMPLES), { numCodebooks: 4 });
    whole = await codec.decode(codes);
    const sound = packLnt(codes, codec);
    const coded = packLnt(codes, codec, { tables: codeTablesOf('rvq') });
    const damaged = sound.slice();
    damaged[Math.floor(sound.length / 2)]! ^= 1;
    const foreign = packLnt(codes, { ...codec, weightsHash: '0'.repeat(64) });
    files = { sound, coded, damaged, foreign };
    await writeDecoderFiles(folder, await makeDecoder('rvq', 'float32'));
    speaker = await startRealServer();
    child = spawn(process.execPath, ['examples/browser/serve.js', folder, '0', speaker.url]);
    const [line] = (await once(child.stdout!, 'data')) as [Buffer];
    url = line.toString().trim();
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required'],
    });
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await speaker.close();
    child.kill();
    await float.close();
    await runtime.close();
    await rm(folder, { recursive: true });
  });

  beforeEach(async () => {
    page = await browser.newPage();
    problems = [];
    page.on('pageerror', (error) => problems.push(error.message));
    await page.addInitScript(SPY);
    await page.goto(url);
    await page.getByText('Ready: linnet-24k-rvq.').waitFor({ timeout: 60_000 });
  }, 90_000);

  afterEach(async () => {
    expect(problems).toEqual([]);
    await page.close();
  });

  async function openFile(name: keyof typeof files): Promise<void> {
    const path = join(folder, `${name}.lnt`);
    await writeFile(path, files[name]);
    await page.setInputFiles('#file', path);
  }

  const played = async () => Float32Array.from(await page.evaluate<number[]>('played'));
  const problem = () => page.locator('#problem', { hasText: /./ }).textContent();
  const ended = () => page.getByText('That is all.').waitFor({ timeout: 60_000 });

  it('plays the samples that the engine decodes', async () => {
    await openFile('sound');
    await ended();
    const samples = await played();
    expect(samples).toHaveLength(NUM_SAMPLES);
    expect(largestDifference(samples, whole)).toBeLessThan(TOLERANCE);
    expect(await page.locator('#status').textContent()).toMatch(
      /^4\.5 s decoded, 1\d{3} bytes, 2\.\d\d kbps\./,
    );
    // onnxruntime-web may use threads
    expect(await page.evaluate('crossOriginIsolated')).toBe(true);
  }, 90_000);

  it('plays the same samples of an entropy-coded file', async () => {
    expect(files.coded.length).toBeLessThan(0.95 * files.sound.length);
    await openFile('coded');
    await ended();
    const samples = await played();
    await page.evaluate("played.length = 0; document.getElementById('status').textContent = ''");
    await openFile('sound');
    await ended();
    expect(samples).toHaveLength(NUM_SAMPLES);
    expect(samples).toEqual(await played());
  }, 120_000);

  it('begins before the whole file has come', async () => {
    let send: (() => void) | undefined;
    const half = files.sound.length / 2;
    const server = await serve((_, response) => {
      response.setHeader('Access-Control-Allow-Origin', '*');
      response.write(files.sound.subarray(0, half));
      send = () => response.end(files.sound.subarray(half));
    });
    await page.fill('#address', `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.lnt`);
    await page.getByRole('button', { name: 'Play' }).click();
    await page.locator('#status', { hasText: 's decoded' }).waitFor({ timeout: 60_000 });
    expect((await played()).length).toBeLessThan(NUM_SAMPLES);
    send!();
    await ended();
    expect(largestDifference(await played(), whole)).toBeLessThan(TOLERANCE);
    server.close();
  }, 90_000);

  it('plays speech that comes as tokens, and fewer levels take fewer bytes', async () => {
    const text =
      'The birch canoe slid on the smooth planks. Glue the sheet to the blue background.';
    const sizes: number[] = [];
    for (const levels of [8, 2]) {
      await page.evaluate("played.length = 0; document.getElementById('status').textContent = ''");
      await page.fill('#text', text);
      await page.fill('#levels', String(levels));
      await page.getByRole('button', { name: 'Speak' }).click();
      await page.locator('#status', { hasText: 's decoded' }).waitFor({ timeout: 60_000 });
      await ended();
      const body = {
        model: 'linnet-24k',
        voice: 'heart',
        input: text,
        response_format: 'lnt',
        levels,
      };
      const response = await fetch(`${speaker.url}/v1/audio/speech`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
      const bytes = new Uint8Array(await response.arrayBuffer());
      const codec = await float.load('rvq');
      const samples = await codec.decode({ ...readTokens(bytes) });
      expect(await played()).toHaveLength(samples.length);
      expect(largestDifference(await played(), samples)).toBeLessThan(TOLERANCE);
      expect(await page.locator('#status').textContent()).toContain(`${bytes.length} bytes`);
      sizes.push(bytes.length);
    }
    expect(sizes[1]).toBeLessThan(0.5 * sizes[0]!);
  }, 120_000);

  it('shows why the server does not speak', async () => {
    await page.goto(`${url}/?voice=nobody`);
    await page.getByText('Ready: linnet-24k-rvq.').waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Speak' }).click();
    expect(await problem()).toMatch(/^VOICE_UNKNOWN: /);
  }, 90_000);

  it('is silent where the file is damaged, and says so', async () => {
    await openFile('damaged');
    await ended();
    expect(await problem()).toContain('1 blocks from block 2 on are lost');
    const samples = await played();
    expect(samples).toHaveLength(NUM_SAMPLES);
    expect(samples.subarray(48_000, 72_000).every((sample) => sample === 0)).toBe(true);
  }, 90_000);

  it('says that the tokens are of other weights', async () => {
    await openFile('foreign');
    expect(await problem()).toMatch(/^WEIGHTS_DIFFER: The tokens were made with the weights 0000/);
    expect(await played()).toHaveLength(0);
  }, 90_000);

  async function serve(answer: RequestListener): Promise<Server> {
    const server = createServer(answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  }
});
