import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import { ToneEngine } from '../../helpers/fake-engine.js';
import { waitUntil } from '../../helpers/processes.js';
import { startTestServer, type TestServer } from '../../helpers/server.js';

const CHROMIUM = process.env['LINNET_CHROMIUM'] ?? '/usr/bin/chromium';
// a machine without a browser cannot run these; CI installs one
const describeWithBrowser = existsSync(CHROMIUM) ? describe : describe.skip;

describeWithBrowser('the page', () => {
  const engine = new ToneEngine(5);
  let browser: Browser;
  let page: Page;
  let server: TestServer;
  let problems: string[];

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
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') {
        problems.push(message.text());
      }
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(server.url) && !/^(blob|data):/.test(request.url())) {
        problems.push(`reaches out to ${request.url()}`);
      }
    });
    await page.goto(server.url);
  }

  afterEach(async () => {
    await page.close();
    await server.close();
  });

  it('speaks what is typed, with the voice and speed that are chosen', async () => {
    await open();
    await page.getByLabel('Text to speak').fill('Hey');
    await page.getByLabel('Voice').selectOption('high');
    await page.getByLabel(/Speed/).fill('1.5');
    const download = page.getByRole('link', { name: 'Download WAV' });
    expect(await download.isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Speak' }).click();
    await page.getByText('0.6 seconds of speech').waitFor();
    expect(engine.calls.at(-1)).toMatchObject({
      text: 'Hey',
      options: { voice: 'high', speed: 1.5 },
    });
    const [file] = await Promise.all([page.waitForEvent('download'), download.click()]);
    expect(file.suggestedFilename()).toBe('speech.wav');
    const parts: Buffer[] = [];
    for await (const part of await file.createReadStream()) {
      parts.push(part as Buffer);
    }
    const wav = Buffer.concat(parts);
    expect(wav.readUInt32LE(40)).toBe(3 * 9_600);
    expect(wav).toHaveLength(44 + 3 * 9_600);
    expect(problems).toEqual([]);
  });

  it('plays while it loads, and stops', async () => {
    await open();
    const stop = page.getByRole('button', { name: 'Stop' });
    expect(await stop.isDisabled()).toBe(true);
    await page.getByLabel('Text to speak').fill('a'.repeat(2_000));
    await page.keyboard.press('Control+Enter');
    await page.getByText('Speaking.').waitFor();
    expect(engine.numActive).toBe(1);
    await stop.click();
    await page.getByText('Stopped.').waitFor();
    await waitUntil(() => engine.numActive === 0);
    expect(problems).toEqual([]);
  });

  it('shows what the server says is wrong', async () => {
    await open({ maxInput: 10 });
    await page.getByLabel('Text to speak').fill('more than ten characters');
    await page.getByRole('button', { name: 'Speak' }).click();
    await page.getByRole('alert').filter({ hasText: 'at most 10' }).waitFor();
  });

  it('asks for the API key where there is one', async () => {
    await open({ apiKey: 'right' });
    await page.getByLabel('API key').fill('right');
    await page.getByLabel('Text to speak').fill('ab');
    await page.getByRole('button', { name: 'Speak' }).click();
    await page.getByText('0.4 seconds of speech').waitFor();
  });

  it('labels every control and can be read', async () => {
    await open();
    const unlabelled = await page.evaluate(
      `[...document.querySelectorAll('textarea, select, input')].filter((e) => e.labels.length === 0).length`,
    );
    expect(unlabelled).toBe(0);
    expect(await page.getAttribute('html', 'lang')).toBe('en');
    await page.setViewportSize({ width: 320, height: 600 });
    const overflow = await page.evaluate('document.documentElement.scrollWidth > 320');
    expect(overflow).toBe(false);
  });
});
