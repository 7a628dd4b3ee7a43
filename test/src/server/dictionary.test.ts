import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { DictionaryFiles } from '../../../src/server/dictionary-files.js';
import type { Dictionary } from '../../../tts/text/dictionary.js';
import { errorWithCode } from '../../helpers/errors.js';
import { ToneEngine } from '../../helpers/fake-engine.js';
import { startTestServer, type TestServer } from '../../helpers/server.js';

const SPEECH = { model: 'tts-1', voice: 'low', input: 'Hi.', response_format: 'pcm' };
/** Longer than files are taken as unchanged. */
const LATER_MS = 1100;

function saidOf(dictionary: Dictionary | undefined, word: string): string | undefined {
  return dictionary?.find(word, word, () => undefined)?.said;
}

describe('the dictionaries of the server', () => {
  const engine = new ToneEngine();
  let folder: string;
  let path: string;
  let server: TestServer;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'linnet-'));
    path = join(folder, 'words.tsv');
    writeFileSync(path, 'sql\tsequel');
    server = await startTestServer(engine, { dictionary: [path] });
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  it('come before the one of the request', async () => {
    const response = await server.post({ ...SPEECH, dictionary: { nguyen: 'W IH1 N' } });
    await response.arrayBuffer();
    const [own, requested] = engine.calls.at(-1)!.options.dictionary as Dictionary[];
    expect(saidOf(own, 'sql')).toBe('sequel');
    expect(saidOf(requested, 'nguyen')).toBe('w ih1 n');
    await (await server.post({ ...SPEECH, dictionary: null })).arrayBuffer();
    expect(engine.calls.at(-1)!.options.dictionary).toHaveLength(1);
  });

  it.each([
    { nguyen: 'HH QQ AH0' },
    { nguyen: 5 },
    ['x'],
    'x',
    Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`w${index}`, 'x'])),
  ])('are checked', async (dictionary) => {
    const response = await server.post({ ...SPEECH, dictionary });
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { param: string; code: string } };
    expect(error.code).toBe('BODY_INVALID');
    expect(error.param).toMatch(/^dictionary/);
  });

  it('hold 1000 words beside the longest text', async () => {
    const words = Array.from({ length: 1000 }, (_, index) => [
      `word${index}`,
      'w er d '.repeat(14),
    ]);
    const dictionary = Object.fromEntries(words) as Record<string, string>;
    const response = await server.post({ ...SPEECH, dictionary });
    await response.arrayBuffer();
    expect(response.status).toBe(200);
  });

  it('are read anew when the file changes, and kept when it breaks', async () => {
    const lines: Record<string, unknown>[] = [];
    const logger = pino(
      { base: null },
      { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) },
    );
    const files = await DictionaryFiles.load([path], logger);
    writeFileSync(path, 'sql\tsqueal and more');
    expect(saidOf((await files.current())[0], 'sql')).toBe('sequel');
    await new Promise((resolve) => setTimeout(resolve, LATER_MS));
    expect(saidOf((await files.current())[0], 'sql')).toBe('squeal and more');
    writeFileSync(path, 'sql\tHH QQ AH0 secret');
    await new Promise((resolve) => setTimeout(resolve, LATER_MS));
    expect(saidOf((await files.current())[0], 'sql')).toBe('squeal and more');
    // nothing changed, so nothing is read and nothing told
    await new Promise((resolve) => setTimeout(resolve, LATER_MS));
    await files.current();
    expect(lines.map(({ msg, code, numEntries }) => [msg, code ?? numEntries])).toEqual([
      ['dictionary read anew', 1],
      ['dictionary refused, old one kept', 'OPTION_INVALID'],
    ]);
    expect(JSON.stringify(lines)).not.toMatch(/secret|squeal/);
  });

  it('must be there when the server starts', async () => {
    const options = { dictionary: [join(folder, 'none')] };
    await expect(startTestServer(new ToneEngine(), options)).rejects.toThrow(
      errorWithCode('FILE_NOT_FOUND'),
    );
  });
});

describe('the header X-Linnet-Warning', () => {
  it.each([
    ['Ich weiß nicht, wo mein Bruder ist.', 'seems to be in German (de)'],
    ['Привет.', 'seems to be in Russian (ru)'],
    ['Hello there, how are you?', undefined],
  ])('tells the language of %s', async (input, warning) => {
    const server = await startTestServer(new ToneEngine());
    const response = await server.post({ ...SPEECH, input });
    await response.arrayBuffer();
    await server.close();
    const header = response.headers.get('x-linnet-warning') ?? undefined;
    expect([header?.includes(warning ?? ''), response.status]).toEqual([
      warning === undefined ? undefined : true,
      200,
    ]);
  });
});
