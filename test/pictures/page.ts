// Makes docs/page.png and docs/page-phone.png, which the README shows: the page while it speaks, with
// the real voices. LINNET_CHROMIUM names the browser.
import { join } from 'node:path';
import { chromium, type BrowserContextOptions } from 'playwright-core';
import { findPackageRoot } from '../../base/package-root.js';
import { Engine } from '../../engine/client/engine.js';
import { startTestServer } from '../helpers/server.js';

const TEXT =
  'Once upon a time, a small brown bird lived in a hedge by the sea. It sang from morning to evening, and ' +
  'nobody knew where it had learnt all its songs.\n\nOne day in May, at 6:30, a child stopped and listened.';

/** Until this word is reached. */
const WORD = 'learnt';

const PICTURES: readonly (readonly [string, BrowserContextOptions])[] = [
  ['page.png', { viewport: { width: 900, height: 800 }, colorScheme: 'light' }],
  ['page-phone.png', { viewport: { width: 360, height: 800 }, colorScheme: 'dark' }],
];

const engine = await Engine.load({ device: 'cpu' });
const server = await startTestServer(engine);
// the first speech takes longer than all others
await (await server.post({ input: TEXT, voice: 'heart' })).arrayBuffer();
const browser = await chromium.launch({
  executablePath: process.env['LINNET_CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required'],
});
try {
  for (const [name, options] of PICTURES) {
    const page = await browser.newPage(options);
    await page.goto(server.url);
    await page.getByLabel('Text to speak').fill(TEXT);
    await page.locator('#voice option').first().waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'Speak' }).click();
    await page.locator('#real-time-factor', { hasText: '.' }).waitFor();
    await page.locator('#transcript [class]', { hasText: WORD }).waitFor();
    await page.screenshot({ path: join(findPackageRoot(), 'docs', name), fullPage: true });
    await page.close();
  }
} finally {
  await browser.close();
  await server.close();
}
