import { existsSync } from 'node:fs';
import { chromium, type Browser, type Download, type Page } from 'playwright-core';
import { WebSocket } from 'ws';
import { readWav } from '../../../src/audio/wav-reader.js';
import { ToneEngine } from '../../helpers/fake-engine.js';
import { describeAudio } from '../../helpers/ffmpeg.js';
import { waitUntil } from '../../helpers/processes.js';
import { startTestServer, type TestServer } from '../../helpers/server.js';
import { amplitudeAt } from '../../helpers/tones.js';

const CHROMIUM = process.env['LINNET_CHROMIUM'] ?? '/usr/bin/chromium';
// a machine without a browser cannot run these; CI installs one
const describeWithBrowser = existsSync(CHROMIUM) ? describe : describe.skip;

// samples of a character, which is a word
const WORD_SAMPLES = 4_800;
const WORD_SECONDS = 0.2;

/** Listens to what the page plays, and notes which words light up when on the clock of the audio. */
const SPY = `
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (node) {
    if (node === this.context.destination) {
      if (globalThis.audio !== this.context) {
        globalThis.audio = this.context;
        globalThis.analyser = this.context.createAnalyser();
      }
      connect.call(this, analyser);
    }
    return connect.call(this, node);
  };
  const start = AudioBufferSourceNode.prototype.start;
  AudioBufferSourceNode.prototype.start = function (at) {
    globalThis.firstStart ??= at;
    start.call(this, at);
  };
  globalThis.lit = [];
  addEventListener('DOMContentLoaded', () => {
    new MutationObserver((records) => {
      for (const { target } of records) {
        if (target.className === 'now') {
          const now = audio.currentTime - (audio.outputLatency || 0);
          lit.push({ word: target.textContent, at: now - firstStart });
        }
      }
    }).observe(document.getElementById('transcript'), { attributes: true, subtree: true });
  });
`;

/** The loudest frequency in Hz that is heard now, or 0 in silence. */
const LOUDEST = `(() => {
  if (globalThis.analyser === undefined) return 0;
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  const peak = Math.max(...bins);
  return peak < -60 ? 0 : (bins.indexOf(peak) * audio.sampleRate) / analyser.fftSize;
})()`;

/** Pixels of the waveform that are drawn, and those in the colour of what was not heard yet. */
const DRAWN = `(() => {
  const canvas = document.getElementById('waveform');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const ahead = getComputedStyle(canvas).borderTopColor.match(/\\d+/g).map(Number);
  const counts = { all: 0, ahead: 0 };
  for (let index = 0; index < data.length; index += 4) {
    if (data[index + 3] === 0) continue;
    counts.all++;
    if (ahead.every((value, channel) => data[index + channel] === value)) counts.ahead++;
  }
  return counts;
})()`;

/** The contrast of an element's text with what is behind it, as WCAG has it. */
const contrastOf = (selector: string) => `(() => {
  const luminance = (color) => {
    const [r, g, b] = color.match(/\\d+/g).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let element = document.querySelector(${JSON.stringify(selector)});
  const text = luminance(getComputedStyle(element).color);
  const isClear = () => getComputedStyle(element).backgroundColor === 'rgba(0, 0, 0, 0)';
  while (isClear()) element = element.parentElement;
  const back = luminance(getComputedStyle(element).backgroundColor);
  return (Math.max(text, back) + 0.05) / (Math.min(text, back) + 0.05);
})()`;

async function readDownload(download: Download): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of await download.createReadStream()) {
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts);
}

describeWithBrowser('the page', () => {
  const engine = new ToneEngine(5);
  let browser: Browser;
  let page: Page;
  let server: TestServer;
  let problems: string[];
  let requests: string[];

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required'],
    });
  }, 30_000);
  afterAll(async () => {
    await browser.close();
  });

  async function open(options: Parameters<typeof startTestServer>[1] = {}): Promise<void> {
    server = await startTestServer(engine, options);
    page = await browser.newPage();
    problems = [];
    requests = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') {
        problems.push(message.text());
      }
    });
    page.on('request', (request) => {
      requests.push(`${request.method()} ${new URL(request.url()).pathname}`);
      if (!request.url().startsWith(server.url) && !/^(blob|data):/.test(request.url())) {
        problems.push(`reaches out to ${request.url()}`);
      }
    });
    await page.addInitScript(SPY);
    await page.goto(server.url);
    if (options.apiKey === undefined) {
      await page.locator('#voice option').first().waitFor({ state: 'attached' });
    }
  }

  afterEach(async () => {
    await page.close();
    await server.close();
  });

  const field = () => page.getByLabel('Text to speak');
  const button = (name: string) => page.getByRole('button', { name });
  const download = async (control: ReturnType<typeof button>) => {
    const [file] = await Promise.all([page.waitForEvent('download'), control.click()]);
    return { name: file.suggestedFilename(), bytes: await readDownload(file) };
  };

  it('speaks what is typed, with the voice and speed that are chosen, and is heard', async () => {
    await open();
    await field().fill('Heyheyhey');
    await page.getByLabel('Voice').selectOption('high');
    await page.getByLabel(/Speed/).fill('1.5');
    const link = page.getByRole('link', { name: 'Download WAV' });
    expect(await link.isVisible()).toBe(false);
    await button('Speak').click();
    let loudest = 0;
    while (loudest === 0 && (await button('Stop').isEnabled())) {
      loudest = await page.evaluate<number>(LOUDEST);
    }
    // a bin of the analyser is 12 Hz wide
    expect(Math.abs(loudest - 880)).toBeLessThan(12);
    await page.getByText('Done: 1.8 seconds of speech').waitFor();
    expect(engine.calls.at(-1)).toMatchObject({
      text: 'Heyheyhey',
      options: { voice: 'high', speed: 1.5 },
    });
    expect(await page.locator('#length').textContent()).toBe('1.8 s');
    expect(await page.locator('#first-audio').textContent()).toMatch(/^\d+ ms$/);
    expect(await page.locator('#real-time-factor').textContent()).toMatch(/^\d+\.\d\d$/);
    const { name, bytes } = await download(link);
    expect(name).toBe('speech.wav');
    expect(bytes.readUInt32LE(40)).toBe(9 * WORD_SAMPLES * 2);
    const { samples } = readWav(bytes);
    expect(samples).toHaveLength(9 * WORD_SAMPLES);
    expect(amplitudeAt(samples, 880)).toBeCloseTo(0.5, 2);
    expect(requests).not.toContain('POST /v1/audio/speech');
    expect(problems).toEqual([]);
  });

  it('has the same speech made as MP3', async () => {
    await open();
    await field().fill('abc');
    await page.getByLabel('Voice').selectOption('high');
    await button('Speak').click();
    await page.getByText('Done').waitFor();
    // what was heard, not what is typed by now
    await field().fill('something else');
    const { name, bytes } = await download(button('Download MP3'));
    expect(name).toBe('speech.mp3');
    expect(describeAudio(bytes)).toBe('mp3, mono');
    expect(engine.calls.at(-1)).toMatchObject({ text: 'abc', options: { voice: 'high' } });
    expect(problems).toEqual([]);
  });

  it.each(['a WebSocket', 'events'])(
    'lights up the words as they are heard, over %s',
    async (way) => {
      await open({ maxSockets: 1 });
      const other = new WebSocket(`${server.url.replace('http', 'ws')}/v1/audio/speech/live`);
      if (way === 'events') {
        // the only socket is taken
        await new Promise((resolve) => other.once('message', resolve));
      } else {
        other.once('error', () => undefined);
        other.terminate();
      }
      const text = '(ab)\ncdefgh';
      await field().fill(text);
      await button('Speak').click();
      await page.getByText('Done').waitFor();
      other.terminate();
      expect(requests.includes('POST /v1/audio/speech')).toBe(way === 'events');
      const lit = await page.evaluate<{ word: string; at: number }[]>('lit');
      // a browser that is busy may pass over a word
      expect(lit.length).toBeGreaterThan(text.length / 2);
      const places = lit.map(({ word }) => text.indexOf(word));
      expect(places).toEqual([...places].sort((a, b) => a - b));
      for (const [index, { at }] of lit.entries()) {
        const start = places[index]! * WORD_SECONDS;
        expect(at).toBeGreaterThan(start - 0.02);
        expect(at).toBeLessThan(start + WORD_SECONDS + 0.5);
      }
      expect(await page.locator('#transcript').textContent()).toBe(text);
      expect(await page.locator('.said').count()).toBe(text.length);
      expect(await page.locator('.now').count()).toBe(0);
    },
  );

  it('draws the waveform and how far it was heard', async () => {
    await open();
    await field().fill('a'.repeat(20));
    await button('Speak').click();
    await page.locator('#real-time-factor', { hasText: '.' }).waitFor();
    const early = await page.evaluate<{ all: number; ahead: number }>(DRAWN);
    expect(early.all).toBeGreaterThan(5_000);
    expect(early.ahead).toBeGreaterThan(early.all / 4);
    await page.getByText('Done').waitFor();
    const late = await page.evaluate<{ all: number; ahead: number }>(DRAWN);
    expect(late.all).toBeGreaterThan(5_000);
    expect(late.ahead).toBe(0);
  });

  it('plays while it loads, stops, and keeps what was heard', async () => {
    await open();
    const stop = button('Stop');
    expect(await stop.isDisabled()).toBe(true);
    await field().fill('a'.repeat(2_000));
    await page.keyboard.press('Control+Enter');
    await page.getByText('Speaking.').waitFor();
    expect(engine.numActive).toBe(1);
    await page.locator('.said').nth(2).waitFor();
    await stop.click();
    await page.getByText('Stopped.').waitFor();
    await waitUntil(() => engine.numActive === 0);
    const made = parseFloat((await page.locator('#length').textContent())!);
    const heard = await page.evaluate<number>(`audio.state === 'closed' && lit.at(-1).at`);
    const { bytes } = await download(page.getByRole('link', { name: 'Download WAV' }));
    const seconds = readWav(bytes).samples.length / 24_000;
    expect(seconds).toBeGreaterThanOrEqual(heard);
    expect(seconds).toBeLessThan(made - 1);
    expect(problems).toEqual([]);
  });

  it('speaks a text that is longer than one message may be', async () => {
    await open({ maxInput: 2_000 });
    await field().fill('ab '.repeat(1_000));
    await button('Speak').click();
    await page.getByText('Speaking.').waitFor();
    expect(await page.getByRole('alert').textContent()).toBe('');
  });

  it('shows what the server says is wrong', async () => {
    await open({ maxInput: 10 });
    await field().fill('more than ten characters');
    await button('Speak').click();
    await page.getByRole('alert').filter({ hasText: 'at most 10' }).waitFor();
    expect(await page.locator('#result').isVisible()).toBe(false);
    await field().fill('ab!');
    await button('Speak').click();
    await page.getByRole('alert').filter({ hasText: 'did not expect' }).waitFor();
    expect(await button('Stop').isDisabled()).toBe(true);
    await field().fill('ab');
    await button('Speak').click();
    await page.getByText('Done').waitFor();
    expect(await page.getByRole('alert').textContent()).toBe('');
  });

  it('says so when the server is gone', async () => {
    await open();
    await server.close();
    await button('Speak').click();
    await page.getByRole('alert').filter({ hasText: 'cannot be reached' }).waitFor();
  });

  it.each(['right', 'not/a@token'])('asks for the API key "%s"', async (apiKey) => {
    await open({ apiKey });
    const key = page.getByLabel('API key');
    await key.waitFor();
    await key.fill('wrong');
    await field().fill('ab');
    await button('Speak').click();
    await page.getByRole('alert').filter({ hasText: 'API key' }).waitFor();
    await key.fill(apiKey);
    await button('Speak').click();
    await page.getByText('Done: 0.4 seconds of speech').waitFor();
  });

  it('asks for no key where there is none', async () => {
    await open();
    expect(await page.getByLabel('API key').isVisible()).toBe(false);
  });

  it('needs no mouse', async () => {
    await open();
    const focused = () =>
      page.evaluate<{ id: string; outline: string }>(
        `({ id: document.activeElement.id, outline: getComputedStyle(document.activeElement).outlineStyle })`,
      );
    const tabs = async (ids: string[]) => {
      for (const id of ids) {
        await page.keyboard.press('Tab');
        expect(await focused()).toEqual({ id, outline: 'solid' });
      }
    };
    await tabs(['text', 'voice', 'speed', 'speak']);
    await page.getByLabel('Text to speak').focus();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('b'.repeat(50));
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Control+Enter');
    await page.locator('.said').nth(1).waitFor();
    expect(engine.calls.at(-1)).toMatchObject({ text: 'b'.repeat(50), options: { voice: 'high' } });
    await tabs(['speed', 'speak', 'stop']);
    await page.keyboard.press('Escape');
    await page.getByText('Stopped.').waitFor();
    // Stop cannot keep the focus any more
    expect((await focused()).id).toBe('speak');
    await tabs(['transcript', 'wav', 'mp3']);
  });

  it('labels every control and tells its state', async () => {
    await open();
    const unlabelled = await page.evaluate(
      `[...document.querySelectorAll('textarea, select, input')].filter((e) => e.labels.length === 0).length`,
    );
    expect(unlabelled).toBe(0);
    expect(await page.getAttribute('html', 'lang')).toBe('en');
    expect(await page.getByRole('status').count()).toBe(1);
  });

  it.each([320, 360])('fits into %d pixels', async (width) => {
    await open();
    await page.setViewportSize({ width, height: 640 });
    await field().fill('a'.repeat(80));
    await button('Speak').click();
    await page.locator('#real-time-factor', { hasText: '.' }).waitFor();
    await button('Stop').click();
    await button('Download MP3').waitFor();
    const scroll = await page.evaluate<number>('document.documentElement.scrollWidth');
    expect(scroll).toBeLessThanOrEqual(width);
  });

  it.each(['light', 'dark'] as const)('can be read in the %s', async (colorScheme) => {
    await open();
    await page.emulateMedia({ colorScheme });
    await field().fill('a'.repeat(40));
    await button('Speak').click();
    await page.locator('.said').first().waitFor();
    const backs = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const isDark = Number(/\d+/.exec(backs)![0]) < 100;
    expect(isDark).toBe(colorScheme === 'dark');
    for (const selector of [
      'h1',
      '.hint',
      '#text',
      '#speak',
      '#stop',
      '#problem',
      '#transcript',
      '.said',
      '.now',
      'dt',
    ]) {
      // prettier-ignore
      expect([selector, (await page.evaluate<number>(contrastOf(selector))) >= 4.5]).toEqual([
        selector,
        true,
      ]);
    }
  });
});

describe("the page's files", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(new ToneEngine(), { apiKey: 'key' });
  });
  afterAll(async () => {
    await server.close();
  });

  it('come without a key, and the page may load nothing else', async () => {
    const page = await fetch(`${server.url}/`);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = page.headers.get('content-security-policy')!.split(';');
    expect(policy).toEqual(
      expect.arrayContaining(["default-src 'none'", "script-src 'self'", "connect-src 'self'"]),
    );
    const script = await fetch(`${server.url}/page/main.js`);
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(script.headers.get('cache-control')).toBe('no-cache');
    expect(await script.text()).toContain('import');
    const style = await fetch(`${server.url}/page/page.css`);
    expect(style.headers.get('content-type')).toBe('text/css; charset=utf-8');
    await Promise.all([page.text(), style.text()]);
  });

  it.each(['/page/other.js', '/page/..%2fapp.ts', '/page/index.html', '/page/'])(
    'are no others: %s',
    async (path) => {
      const response = await fetch(server.url + path);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ error: { code: 'ROUTE_NOT_FOUND' } });
    },
  );

  it('are for GET', async () => {
    expect((await fetch(`${server.url}/page/main.js`, { method: 'POST' })).status).toBe(405);
  });
});
